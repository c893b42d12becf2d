import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import {
  checkLinearizable,
  formatHistory,
  History,
  InvalidHistoryError,
  modelNames,
  type Operation,
  parseHistory,
  registerModel,
  TestingError,
} from '../../src/check/index.ts'
import { randomObjectHistory } from '../check/random-objects.ts'

const lines = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n')

/** What is said about a text that is no history: `[line, reason]`. */
function refusal(text: string): readonly [number, string] {
  try {
    parseHistory(text)
  } catch (error) {
    if (error instanceof InvalidHistoryError) {
      expect(error.code).toBe('TESTING_INVALID_HISTORY')
      expect(error.message).toContain(`line ${error.line}: ${error.reason}`)
      return [error.line, error.reason]
    }
    throw error
  }
  return [0, 'nothing is wrong with it']
}

const invoke = { process: 0, type: 'invoke', f: 'read' }

describe('reading', () => {
  test('puts invocations and completions of each process together', () => {
    const operations = parseHistory(
      lines(
        { process: 0, type: 'invoke', f: 'write', key: 'x', value: 1, time: 10 },
        { process: 'b', type: 'invoke', f: 'read', key: 'x', time: 11 },
        { process: 0, type: 'ok', f: 'write', key: 'x', value: 1, time: 14 },
        { process: 'b', type: 'ok', result: 1, time: 15.5 },
        { process: 0, type: 'invoke', f: 'cas', key: 7, value: [1, 2], time: 16 },
        { process: 'b', type: 'invoke', f: 'read', time: 16 },
        { process: 0, type: 'fail', f: 'cas', time: 17 },
        { process: 'b', type: 'info', time: 18 },
        { process: 'b', type: 'invoke', f: 'read', key: null, time: 19 },
      ),
    )
    const never = Number.POSITIVE_INFINITY
    expect(operations).toEqual([
      { process: 0, f: 'write', key: 'x', value: 1, outcome: 'ok', invokedAt: 10, completedAt: 14 },
      { process: 'b', f: 'read', key: 'x', outcome: 'ok', result: 1, invokedAt: 11, completedAt: 15.5 },
      { process: 0, f: 'cas', key: '7', value: [1, 2], outcome: 'fail', invokedAt: 16, completedAt: 17 },
      { process: 'b', f: 'read', outcome: 'unknown', invokedAt: 16, completedAt: never },
      { process: 'b', f: 'read', outcome: 'unknown', invokedAt: 19, completedAt: never },
    ])
  })

  test('without times, the order of the lines is the order in time', () => {
    const operations = parseHistory(
      lines(
        { ...invoke, f: 'write', value: 1 },
        { process: 1, type: 'invoke', f: 'read' },
        { process: 0, type: 'ok' },
        { process: 1, type: 'ok', result: null },
        { process: 1, type: 'invoke', f: 'read' },
        { process: 1, type: 'ok', result: null },
      ),
    )
    expect(operations.map(({ invokedAt, completedAt }) => [invokedAt, completedAt])).toEqual([
      [1, 3],
      [2, 4],
      [5, 6],
    ])
    const { verdict, witness } = checkLinearizable(registerModel(), operations)
    expect(verdict).toBe('illegal')
    expect(witness?.operation).toBe(operations[2])
  })

  test('equal times are concurrent, whatever the order of their lines', () => {
    const text = lines(
      { ...invoke, f: 'write', value: 1, time: 1 },
      { process: 0, type: 'ok', time: 5 },
      { process: 1, type: 'invoke', f: 'read', time: 5 },
      { process: 1, type: 'ok', result: null, time: 6 },
    )
    expect(checkLinearizable(registerModel(), parseHistory(text)).verdict).toBe('ok')
    expect(
      checkLinearizable(registerModel(), parseHistory(text.replaceAll('5', '4').replace('4', '3'))).verdict,
    ).toBe('illegal')
  })

  test('empty lines, a mark of byte order, carriage returns and fields of others are passed over', () => {
    const text = `\uFEFF${JSON.stringify({ ...invoke, node: 'n1' })}\r\n\r\n\n{"process":0,"type":"ok","result":3}\r\n`
    expect(parseHistory(text)).toMatchObject([{ outcome: 'ok', result: 3, invokedAt: 1, completedAt: 4 }])
    expect(parseHistory('')).toEqual([])
    expect(parseHistory('\n\n')).toEqual([])
  })
})

describe('a line that makes no sense is named, with the reason', () => {
  test.each<readonly [string, string, number, RegExp]>([
    ['no JSON', `${lines(invoke)}\n{"process":`, 2, /not JSON/],
    ['no object', '[1]', 1, /not a JSON object/],
    ['null', 'null', 1, /not a JSON object/],
    ['no process', '{"type":"ok"}', 1, /'process' must be a number or a text, not nothing/],
    ['an object as process', '{"process":{"a":1},"type":"ok"}', 1, /not an object/],
    ['a process that is no finite number', '{"process":1e999,"type":"invoke","f":"read"}', 1, /'process'/],
    ['no type', '{"process":0}', 1, /'type' must be one of invoke, ok, fail, info, not nothing/],
    ['a type of its own', '{"process":0,"type":"constructor"}', 1, /'type'/],
    ['a list as type', '{"process":0,"type":["ok"]}', 1, /'type'.* not a list/],
    ['no verb', '{"process":0,"type":"invoke"}', 1, /must have 'f'/],
    ['a number as verb', '{"process":0,"type":"invoke","f":1}', 1, /'f' must be a text, not 1/],
    ['an object as key', '{"process":0,"type":"invoke","f":"read","key":{}}', 1, /'key'/],
    [
      'a text as time',
      '{"process":0,"type":"invoke","f":"read","time":"1"}',
      1,
      /'time' must be a finite number/,
    ],
    ['an endless time', '{"process":0,"type":"invoke","f":"read","time":1e999}', 1, /'time'/],
    ['a completion of nothing', lines({ process: 0, type: 'ok' }), 1, /invoked nothing that is still open/],
    [
      'a second completion',
      lines(invoke, { process: 0, type: 'info' }, { process: 0, type: 'ok' }),
      3,
      /invoked nothing/,
    ],
    [
      'two things at once',
      lines(invoke, { process: 1, type: 'invoke', f: 'x' }, invoke),
      3,
      /of line 1 has not ended/,
    ],
    [
      'a completion of another verb',
      lines(invoke, { process: 0, type: 'ok', f: 'write' }),
      2,
      /'write'.*line 1 is 'read'/,
    ],
    ['a completion for another key', lines(invoke, { process: 0, type: 'ok', key: 'x' }), 2, /key "x"/],
    [
      'a result in the wrong field',
      lines(invoke, { process: 0, type: 'ok', value: 1 }),
      2,
      /belongs into 'result'/,
    ],
    [
      'times that go back',
      lines({ ...invoke, time: 5 }, { process: 0, type: 'ok', time: 4 }),
      2,
      /goes back from 5 to 4/,
    ],
    ['a time too few', lines({ ...invoke, time: 5 }, { process: 0, type: 'ok' }), 2, /lacks 'time'/],
    [
      'a time too many',
      lines(invoke, { process: 0, type: 'ok', time: 4 }),
      2,
      /has 'time', which earlier lines have not/,
    ],
  ])('%s', (_, text, line, reason) => {
    const [at, why] = refusal(text)
    expect(why).toMatch(reason)
    expect(at).toBe(line)
  })

  test('numbers that JSON has and a double has not: two of them would look the same', () => {
    const line = (value: string): string => `{"process":0,"type":"invoke","f":"write","value":${value}}`
    expect(refusal(line('1e308'))[0]).toBe(0)
    for (const value of ['1e309', '{"a":[-1e999]}']) {
      expect(refusal(line(value))).toEqual([
        1,
        "'value' holds a number that is too large to be told from others",
      ])
    }
  })

  test('what is too deep, in a value, a result or a process', () => {
    const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
    const value = (levels: number): string =>
      `{"process":0,"type":"invoke","f":"write","value":${deep(levels)}}`
    expect(refusal(value(64))[0]).toBe(0)
    expect(refusal(value(65))).toEqual([1, "'value' is nested deeper than 64 levels"])
    expect(refusal(value(1_000_000))[0]).toBe(1)
    expect(refusal(`{"process":${deep(1_000_000)},"type":"ok"}`)[1]).toMatch(/'process'|not JSON/)
    expect(refusal(`${lines(invoke)}\n{"process":0,"type":"ok","result":${deep(100)}}`)[0]).toBe(2)
  })

  test('what is too long', () => {
    expect(refusal(`{"process":0,"type":"invoke","f":"${'x'.repeat(17_000_000)}"}`)).toEqual([
      1,
      'longer than 16777216 characters',
    ])
  })

  test('names that objects inherit are names like any other', () => {
    const text = lines(
      { process: '__proto__', type: 'invoke', f: 'write', key: '__proto__', value: 1 },
      { process: '__proto__', type: 'ok' },
      { process: 'constructor', type: 'invoke', f: 'read', key: '__proto__' },
      { process: 'constructor', type: 'ok', result: null },
    )
    const hostile = text.replace('"value":1', '"value":{"__proto__":{"polluted":true}}')
    expect(checkLinearizable(registerModel(), parseHistory(hostile))).toMatchObject({
      verdict: 'illegal',
      witness: { key: '__proto__' },
    })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(refusal('{"__proto__":{"process":0,"type":"invoke","f":"read"}}')[1]).toMatch(/'process'/)
  })
})

test('whatever bytes come, a history is read or a line is named', () => {
  const random = createRandom(1, 'mutations')
  const sound = formatHistory(randomObjectHistory(random, 'map', { most: 7 }))
  let refused = 0
  for (let round = 0; round < 4000; round += 1) {
    const characters = [...sound]
    for (let change = random.integer(1, 6); change > 0; change -= 1) {
      const place = random.integer(0, characters.length - 1)
      const drawn = random.integer(0, 3)
      if (drawn === 0) characters.splice(place, random.integer(1, 20))
      else if (drawn === 1) characters[place] = '{}[]",:\n0e-\u0000'[random.integer(0, 11)] ?? ''
      else characters.splice(place, 0, ...characters.slice(random.integer(0, place), place))
    }
    const [line] = refusal(characters.join(''))
    if (line > 0) refused += 1
  }
  expect(refused).toBeGreaterThan(1000)
})

describe('writing', () => {
  test('what is written is read again, for random histories of all models', () => {
    const random = createRandom(2, 'round trip')
    const inOrder = (operations: readonly Operation[]): Operation[] =>
      operations.toSorted(
        (left, right) =>
          left.invokedAt - right.invokedAt || `${left.process}`.localeCompare(`${right.process}`),
      )
    for (let round = 0; round < 900; round += 1) {
      const name = modelNames[round % modelNames.length] ?? 'map'
      const operations = randomObjectHistory(random, name)
      expect(inOrder(parseHistory(formatHistory(operations)))).toEqual(inOrder(operations))
    }
  })

  test('a recorded history, with outcomes of all kinds', () => {
    let now = 0
    const history = new History({ now: () => (now += 1) })
    history.invoke('a', 'write', 'x', { deep: [1] }).ok()
    history.invoke('a', 'read', 'x').unknown()
    history.invoke('a', 'read', 'x').ok({ deep: [1] })
    history.invoke('b', 'write', 'x', 2).fail()
    history.invoke('b', 'write', 'x', 3)
    expect(parseHistory(formatHistory(history.operations))).toEqual(history.operations)
  })

  test.each<readonly [string, Partial<Operation>]>([
    ['overlaps another of its process', { invokedAt: 3 }],
    ['has no finite time', { invokedAt: Number.NEGATIVE_INFINITY }],
    ['ended before it began', { completedAt: 4 }],
    ['has a value that is no plain data', { value: 1n }],
  ])('refuses an operation that %s', (_, change) => {
    const first: Operation = { process: 0, f: 'read', outcome: 'ok', invokedAt: 1, completedAt: 4 }
    const second: Operation = { process: 0, f: 'read', outcome: 'ok', invokedAt: 5, completedAt: 6 }
    expect(formatHistory([first, second]).split('\n')).toHaveLength(5)
    expect(() => formatHistory([first, { ...second, ...change }])).toThrow(TestingError)
  })
})
