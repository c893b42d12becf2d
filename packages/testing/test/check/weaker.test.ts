import { describe, expect, test } from 'vitest'
import {
  checkHistory,
  checkLinearizable,
  checkSequential,
  checkSessions,
  mapModel,
  type Operation,
  queueModel,
  registerModel,
  type SessionGuarantee,
} from '../../src/check/index.ts'
import { historyOf, inTurn, type Row } from './rows.ts'

const never = Number.POSITIVE_INFINITY
const register = registerModel()

describe('sequential consistency', () => {
  test('a stale read of another process is in order; one that goes back is not', () => {
    const stale = inTurn(
      [0, 'write', 1],
      [0, 'write', 2],
      [1, 'read', undefined, 1],
      [1, 'read', undefined, 2],
    )
    expect(checkLinearizable(register, stale).verdict).toBe('illegal')
    expect(checkSequential(register, stale).verdict).toBe('ok')
    const back = inTurn(
      [0, 'write', 1],
      [0, 'write', 2],
      [1, 'read', undefined, 2],
      [1, 'read', undefined, 1],
    )
    expect(checkSequential(register, back)).toMatchObject({ verdict: 'illegal', objects: 1, operations: 4 })
  })

  test('each object may be in order while all together are not', () => {
    // Dekker: each of two writes its own flag, then does not see the other’s.
    const at = (key: string, operations: Operation[]): Operation[] =>
      operations.map((each) => ({ ...each, key }))
    const x = at('x', historyOf([0, 'write', 0, 1, 1], [1, 'read', 2, 3, undefined, null]))
    const y = at('y', historyOf([1, 'write', 0, 1, 1], [0, 'read', 2, 3, undefined, null]))
    expect(checkSequential(register, x).verdict).toBe('ok')
    expect(checkSequential(register, y).verdict).toBe('ok')
    const { verdict, witness } = checkSequential(register, [...x, ...y])
    expect(verdict).toBe('illegal')
    expect(witness).toMatchObject({ key: '', shortest: true })
    expect(witness?.operation.f).toBe('read')
    expect(witness?.lastLegal).toHaveLength(3)
  })

  test('a read may see the future, but not the future of its own process', () => {
    expect(checkSequential(register, inTurn([1, 'read', undefined, 1], [0, 'write', 1])).verdict).toBe('ok')
    expect(checkSequential(register, inTurn([0, 'read', undefined, 1], [0, 'write', 1])).verdict).toBe(
      'illegal',
    )
  })

  test('an unknown outcome comes after what its process did before, at any time, or never', () => {
    const rows = (...more: Row[]): Operation[] =>
      historyOf([0, 'write', 0, 1, 1], [0, 'write', 2, never, 2], [0, 'write', 4, 5, 3], ...more)
    const seen = (...values: number[]): Row[] =>
      values.map((value, at): Row => [1, 'read', 10 + 2 * at, 11 + 2 * at, undefined, value])
    expect(checkSequential(register, rows(...seen(1, 3))).verdict).toBe('ok')
    expect(checkSequential(register, rows(...seen(3, 2))).verdict).toBe('ok')
    expect(checkSequential(register, rows(...seen(2, 1))).verdict).toBe('illegal')
  })

  test('the witness is the first return that convicts, whatever else still comes', () => {
    const rows = inTurn(
      [0, 'write', 1],
      [0, 'write', 2],
      [1, 'read', undefined, 2],
      [1, 'read', undefined, 1],
      [1, 'read', undefined, 2],
      [0, 'write', 3],
    )
    const { witness } = checkSequential(register, rows)
    expect(witness?.operation).toBe(rows[3])
    expect(witness?.prefix.map(({ outcome }) => outcome)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'unknown',
      'unknown',
    ])
    expect(checkSequential(register, witness?.prefix ?? []).verdict).toBe('illegal')
    expect(witness?.lastLegal.slice(0, 3)).toEqual(rows.slice(0, 3))
  })

  test('at the budget the verdict is unknown', () => {
    const writes = Array.from({ length: 14 }, (_, process): Row => [process, 'append', 0, 1, `${process} `])
    const hopeless = historyOf(...writes, [99, 'get', 2, 3, undefined, 'x']).map((each) => ({
      ...each,
      key: 'k',
    }))
    const result = checkSequential(mapModel(), hopeless, { budget: 30_000 })
    expect(result).toMatchObject({ verdict: 'unknown', undecided: ['k'] })
    expect(result.steps).toBeLessThan(31_000)
  })

  test('ten thousand operations of many keys that are linearizable take no search', () => {
    const operations = historyOf(
      ...Array.from({ length: 10_000 }, (_, at): Row => [at % 7, 'write', 2 * at, 2 * at + 1, at]),
    ).map((each, at) => ({ ...each, key: `k${at % 50}` }))
    expect(checkSequential(register, operations)).toMatchObject({ verdict: 'ok', objects: 50, steps: 0 })
  })
})

describe('session guarantees', () => {
  const broken: readonly (readonly [
    SessionGuarantee,
    Operation[],
    operation: number,
    against: number | undefined,
  ])[] = [
    ['read your writes', inTurn([0, 'write', 1], [0, 'read', undefined, null]), 1, 0],
    [
      'read your writes',
      inTurn(
        [0, 'write', 1],
        [1, 'write', 2],
        [1, 'read', undefined, 1],
        [0, 'read', undefined, 2],
        [1, 'read', undefined, 2],
      ),
      3,
      0,
    ],
    [
      'monotonic reads',
      inTurn([0, 'write', 1], [0, 'write', 2], [1, 'read', undefined, 2], [1, 'read', undefined, 1]),
      3,
      2,
    ],
    [
      'monotonic reads',
      inTurn([0, 'write', 1], [1, 'read', undefined, 1], [1, 'read', undefined, null]),
      2,
      1,
    ],
    // Seen the other way round before the second write has returned.
    [
      'monotonic writes',
      historyOf(
        [0, 'write', 0, 1, 1],
        [1, 'read', 3, 4, undefined, 2],
        [1, 'read', 5, 6, undefined, 1],
        [0, 'write', 2, 9, 2],
      ),
      3,
      0,
    ],
    [
      'writes follow reads',
      historyOf(
        [0, 'write', 0, 1, 1],
        [1, 'read', 2, 3, undefined, 1],
        [2, 'read', 5, 6, undefined, 2],
        [2, 'read', 7, 8, undefined, 1],
        [1, 'write', 4, 9, 2],
      ),
      4,
      1,
    ],
    ['writes follow reads', inTurn([0, 'read', undefined, 1], [0, 'write', 1]), 1, 0],
    ['written values', inTurn([0, 'read', undefined, 7]), 0, undefined],
  ]

  test.each(broken)(
    '%s: broken, by which operation and against which',
    (guarantee, rows, operation, against) => {
      const { verdict, violations } = checkSessions(register, rows)
      expect(verdict).toBe('illegal')
      expect(violations?.[0]).toEqual({
        guarantee,
        key: '',
        operation: rows[operation],
        ...(against !== undefined && { against: rows[against] }),
      })
    },
  )

  test('what other processes do, and real time, says nothing', () => {
    const rows = inTurn(
      [0, 'write', 1],
      [1, 'write', 2],
      [2, 'read', undefined, 2],
      [3, 'read', undefined, null],
      [3, 'read', undefined, 1],
      [3, 'read', undefined, 2],
      [0, 'read', undefined, 2],
    )
    expect(checkLinearizable(register, rows).verdict).toBe('illegal')
    expect(checkSessions(register, rows)).toEqual({
      verdict: 'ok',
      operations: 7,
      objects: 1,
      steps: 0,
      undecided: [],
    })
  })

  test('two processes cannot see two writes in two orders', () => {
    const rows = inTurn(
      [0, 'write', 1],
      [1, 'write', 2],
      [2, 'read', undefined, 1],
      [2, 'read', undefined, 2],
      [3, 'read', undefined, 2],
      [3, 'read', undefined, 1],
    )
    expect(checkSessions(register, rows).violations).toEqual([
      { guarantee: 'monotonic reads', key: '', operation: rows[5], against: rows[4] },
    ])
  })

  test('an unknown outcome is bound by what came before it only', () => {
    const lost: Row[] = [
      [0, 'write', 0, 1, 1],
      [0, 'write', 2, never, 2],
      [0, 'write', 4, 5, 3],
    ]
    const read = (at: number, value: number): Row => [1, 'read', at, at + 1, undefined, value]
    expect(checkSessions(register, historyOf(...lost, read(10, 3), read(12, 2))).verdict).toBe('ok')
    expect(checkSessions(register, historyOf(...lost, read(10, 2), read(12, 1))).verdict).toBe('illegal')
  })

  test('every violation is named once, and each object by its key', () => {
    const one = inTurn(
      [0, 'put', 1],
      [0, 'get', undefined, null],
      [0, 'get', undefined, null],
      [0, 'get', undefined, 1],
    )
    const rows = ['x', 'y'].flatMap((key) => one.map((each) => ({ ...each, key })))
    const { violations } = checkSessions(mapModel(), rows)
    expect(violations?.map(({ key, guarantee }) => `${key} ${guarantee}`)).toEqual([
      'x read your writes',
      'x read your writes',
      'y read your writes',
      'y read your writes',
    ])
  })

  test('where values repeat, nobody knows: undecided, unless something else is illegal', () => {
    const twice = inTurn([0, 'put', 1], [1, 'put', 1], [2, 'get', undefined, 1]).map((each) => ({
      ...each,
      key: 'x',
    }))
    const appended = inTurn([0, 'append', 'a']).map((each) => ({ ...each, key: 'z' }))
    const bad = inTurn([0, 'put', 1], [0, 'get', undefined, null]).map((each) => ({ ...each, key: 'y' }))
    expect(checkSessions(mapModel(), [...twice, ...appended])).toMatchObject({
      verdict: 'unknown',
      undecided: ['x', 'z'],
    })
    expect(checkSessions(mapModel(), [...twice, ...bad])).toMatchObject({
      verdict: 'illegal',
      undecided: ['x'],
    })
    // Nobody read what was written twice: clear enough.
    expect(checkSessions(mapModel(), twice.slice(0, 2)).verdict).toBe('ok')
  })

  test('ten thousand operations are judged at once', () => {
    const rows = historyOf(
      ...Array.from({ length: 10_000 }, (_, at): Row =>
        at % 2 === 0
          ? [0, 'write', at, at + 1, at]
          : [1 + (at % 5), 'read', at, at + 1, undefined, Math.max(0, at - 1001)],
      ),
    )
    expect(checkSessions(register, rows).verdict).toBe('ok')
  })
})

test('one function for all kinds', () => {
  const stale = inTurn([0, 'write', 1], [0, 'write', 2], [1, 'read', undefined, 1])
  expect(checkHistory(register, stale).verdict).toBe('illegal')
  expect(checkHistory(register, stale, { consistency: 'linearizable' }).verdict).toBe('illegal')
  expect(checkHistory(register, stale, { consistency: 'sequential', budget: 1000 }).verdict).toBe('ok')
  expect(checkHistory(register, stale, { consistency: 'session' }).verdict).toBe('ok')
  expect(() => checkHistory(register, stale, { consistency: 'strong' as 'session' })).toThrow(/'strong'/)
  expect(() => checkHistory(queueModel(), [], { consistency: 'session' })).toThrow(/registers and maps/)
  expect(() => checkHistory(register, stale, { consistency: 'sequential', budget: 0 })).toThrow(/budget/)
})
