import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { Model, Operation } from '../../src/check/index.ts'
import { checkLinearizable, mapModel, registerModel } from '../../src/check/index.ts'
import { isLinearizable } from './exhaustive.ts'
import { randomTinyHistory, registerHistory, withStaleRead } from './random-history.ts'

type Written = readonly [
  process: number,
  f: string,
  from: number,
  to: number,
  value?: unknown,
  result?: unknown,
]

/** `[process, verb, from, to, value, result]`; `to` of `Infinity`: unknown outcome. */
function history(...rows: readonly Written[]): Operation[] {
  return rows.map(([process, f, invokedAt, completedAt, value, result]) => ({
    process,
    f,
    value,
    result,
    invokedAt,
    completedAt,
    outcome: completedAt === Number.POSITIVE_INFINITY ? 'unknown' : 'ok',
  }))
}

const never = Number.POSITIVE_INFINITY

describe('registers', () => {
  const verdictOf = (...rows: readonly Written[]): string =>
    checkLinearizable(registerModel(), history(...rows)).verdict

  test('an empty history is fine', () => {
    expect(checkLinearizable(registerModel(), [])).toEqual({
      verdict: 'ok',
      operations: 0,
      objects: 0,
      steps: 0,
      undecided: [],
    })
  })

  test('a read sees the last write, or one that is under way', () => {
    expect(verdictOf([0, 'write', 0, 1, 7], [1, 'read', 2, 3, undefined, 7])).toBe('ok')
    expect(verdictOf([0, 'write', 0, 9, 7], [1, 'read', 2, 3, undefined, 7])).toBe('ok')
    expect(verdictOf([0, 'write', 0, 9, 7], [1, 'read', 2, 3, undefined, null])).toBe('ok')
  })

  test('a stale read is convicted', () => {
    expect(verdictOf([0, 'write', 0, 1, 1], [0, 'write', 2, 3, 2], [1, 'read', 4, 5, undefined, 1])).toBe(
      'illegal',
    )
  })

  test('a value that comes and goes again is convicted', () => {
    const write: Written = [0, 'write', 0, 10, 1]
    expect(verdictOf(write, [1, 'read', 1, 2, undefined, 1], [2, 'read', 3, 4, undefined, null])).toBe(
      'illegal',
    )
  })

  test('a lost update is convicted: two compare-and-sets from one value', () => {
    expect(verdictOf([0, 'cas', 0, 5, [null, 1], true], [1, 'cas', 1, 6, [null, 2], true])).toBe('illegal')
    expect(verdictOf([0, 'cas', 0, 5, [null, 1], true], [1, 'cas', 1, 6, [null, 2], false])).toBe('ok')
  })

  test('a split brain is convicted: two sides each see their own writes only', () => {
    const sides: Written[] = [
      [0, 'write', 0, 1, 'left'],
      [1, 'write', 0, 1, 'right'],
      [0, 'read', 2, 3, undefined, 'left'],
      [1, 'read', 2, 3, undefined, 'right'],
      [0, 'read', 4, 5, undefined, 'left'],
    ]
    expect(verdictOf(...sides)).toBe('illegal')
  })

  test('both ends of an interval belong to it', () => {
    expect(verdictOf([0, 'write', 0, 5, 1], [1, 'read', 5, 6, undefined, null])).toBe('ok')
    expect(verdictOf([0, 'write', 0, 5, 1], [1, 'read', 6, 7, undefined, null])).toBe('illegal')
  })

  test('an unknown outcome may take effect late, or never, but only once', () => {
    const lost: Written = [0, 'write', 0, never, 1]
    const two: Written = [1, 'write', 2, 3, 2]
    expect(verdictOf(lost, two, [2, 'read', 100, 101, undefined, 2])).toBe('ok')
    expect(verdictOf(lost, two, [2, 'read', 100, 101, undefined, 1])).toBe('ok')
    expect(
      verdictOf(lost, two, [2, 'read', 100, 101, undefined, 1], [2, 'read', 102, 103, undefined, 2]),
    ).toBe('illegal')
    expect(verdictOf([1, 'read', 0, 1, undefined, 1], [0, 'write', 2, never, 1])).toBe('illegal')
  })

  test('a failed operation did not happen', () => {
    const failed: Operation = {
      process: 0,
      f: 'write',
      value: 1,
      outcome: 'fail',
      invokedAt: 0,
      completedAt: 1,
    }
    const read = (result: unknown): Operation[] => history([1, 'read', 2, 3, undefined, result])
    expect(checkLinearizable(registerModel(), [failed, ...read(null)]).verdict).toBe('ok')
    expect(checkLinearizable(registerModel(), [failed, ...read(1)]).verdict).toBe('illegal')
  })

  test('values are compared as JSON', () => {
    expect(
      verdictOf([0, 'write', 0, 1, { a: 1, b: [2] }], [1, 'read', 2, 3, undefined, { b: [2], a: 1 }]),
    ).toBe('ok')
    expect(verdictOf([0, 'write', 0, 1, '1'], [1, 'read', 2, 3, undefined, 1])).toBe('illegal')
    expect(
      checkLinearizable(registerModel({ initial: 5 }), history([0, 'read', 0, 1, undefined, 5])).verdict,
    ).toBe('ok')
  })

  test('keys are objects of their own, and the guilty one is named', () => {
    const at = (key: string, operation: Operation | undefined): Operation[] =>
      operation ? [{ ...operation, key }] : []
    const [write] = history([0, 'write', 0, 1, 1])
    const [read] = history([0, 'read', 2, 3, undefined, null])
    expect(checkLinearizable(registerModel(), [...at('x', write), ...at('y', read)]).verdict).toBe('ok')
    const result = checkLinearizable(registerModel(), [...at('x', write), ...at('y', read), ...at('x', read)])
    expect(result).toMatchObject({ verdict: 'illegal', objects: 2, operations: 3, witness: { key: 'x' } })
  })
})

describe('maps', () => {
  const verdictOf = (...rows: readonly Written[]): string =>
    checkLinearizable(mapModel(), history(...rows)).verdict

  test('appends are kept in order and deletes forget', () => {
    const a: Written = [0, 'append', 0, 5, 'a']
    const b: Written = [1, 'append', 0, 5, 'b']
    expect(verdictOf(a, b, [2, 'get', 6, 7, undefined, 'ba'])).toBe('ok')
    expect(verdictOf(a, b, [2, 'get', 6, 7, undefined, 'ab'], [2, 'get', 8, 9, undefined, 'ba'])).toBe(
      'illegal',
    )
    expect(verdictOf(a, b, [2, 'get', 6, 7, undefined, 'a'])).toBe('illegal')
    expect(verdictOf([0, 'put', 0, 1, 'x'], [0, 'delete', 2, 3, undefined, true], [0, 'get', 4, 5])).toBe(
      'ok',
    )
    expect(verdictOf([0, 'put', 0, 1, 'x'], [0, 'delete', 2, 3, undefined, false])).toBe('illegal')
  })

  test('a verb that the model does not know is an error, not a verdict', () => {
    expect(() => verdictOf([0, 'incr', 0, 1])).toThrow(/incr/)
  })
})

describe('a model of one’s own', () => {
  const mutex: Model<string | null> = {
    init: () => null,
    step: (holder, { f, process }) =>
      f === 'acquire'
        ? { legal: holder === null, state: String(process) }
        : { legal: holder === String(process), state: null },
  }

  test('two holders at a time are convicted', () => {
    const legal = history([0, 'acquire', 0, 1], [0, 'release', 2, 3], [1, 'acquire', 1, 4])
    expect(checkLinearizable(mutex, legal).verdict).toBe('ok')
    const twice = history([0, 'acquire', 0, 1], [1, 'acquire', 2, 3], [0, 'release', 4, 5])
    expect(checkLinearizable(mutex, twice).verdict).toBe('illegal')
  })

  test('an operation of unknown outcome need not happen, even where it could not', () => {
    const held = history([0, 'acquire', 0, 1], [1, 'acquire', 2, never])
    expect(checkLinearizable(mutex, held).verdict).toBe('ok')
  })
})

describe('witness', () => {
  test('shows the first impossible operation, the shortest prefix that convicts, and an order up to there', () => {
    const rows = history(
      [0, 'write', 0, 1, 1],
      [1, 'read', 2, 3, undefined, 1],
      [0, 'write', 4, 20, 2],
      [1, 'read', 5, 6, undefined, 2],
      [2, 'read', 7, 8, undefined, 1],
      [1, 'read', 9, 10, undefined, 2],
      [2, 'write', 30, 31, 3],
    )
    const { witness } = checkLinearizable(registerModel(), rows)
    expect(witness?.operation).toBe(rows[4])
    expect(witness?.shortest).toBe(true)
    expect(witness?.prefix.map(({ f, outcome }) => `${f} ${outcome}`)).toEqual([
      'write ok',
      'read ok',
      'write unknown',
      'read ok',
      'read ok',
    ])
    expect(witness?.lastLegal.map(({ f, result }) => [f, result])).toEqual([
      ['write', undefined],
      ['read', 1],
      ['write', undefined],
      ['read', 2],
    ])
  })

  test('knowledge of later results is not used to convict earlier', () => {
    // Seen from the end, the first read cannot be explained without the compare-and-set that reported false much later.
    const rows = history(
      [0, 'cas', 0, 50, [null, 1], false],
      [1, 'read', 1, 2, undefined, 1],
      [1, 'read', 60, 61, undefined, 1],
    )
    const { witness } = checkLinearizable(registerModel(), rows)
    expect(witness?.operation).toBe(rows[0])
    expect(witness?.shortest).toBe(true)
  })

  test('every prefix convicts alone, and right before its last return it did not, on random histories', () => {
    const random = createRandom(11, 'witness')
    const model = registerModel()
    let convicted = 0
    for (let round = 0; round < 4000; round += 1) {
      const { verdict, witness } = checkLinearizable(
        model,
        randomTinyHistory(random, ['read', 'write', 'cas']),
      )
      if (verdict !== 'illegal' || witness === undefined) continue
      convicted += 1
      expect(isLinearizable(model, witness.prefix)).toBe(false)
      const before = witness.prefix.map((operation) =>
        operation === witness.operation
          ? ({ ...operation, outcome: 'unknown', result: undefined } as const)
          : operation,
      )
      expect(isLinearizable(model, before)).toBe(true)
    }
    expect(convicted).toBeGreaterThan(1000)
  })
})

describe('size', () => {
  test('a 10,000-operation history of 10 clients is decided, and one stale read in it convicted', () => {
    const operations = registerHistory(createRandom(5), { clients: 10, operations: 10_000 })
    const started = performance.now()
    expect(checkLinearizable(registerModel(), operations).verdict).toBe('ok')
    // Not a measurement: only that it is nowhere near exponential.
    expect(performance.now() - started).toBeLessThan(5000)
    const bad = checkLinearizable(registerModel(), withStaleRead(operations, 0.9))
    expect(bad.verdict).toBe('illegal')
    expect(bad.witness?.operation.f).toBe('read')
  })

  test('more open operations than a machine word has bits', () => {
    const operations = registerHistory(createRandom(6), { clients: 10, operations: 600, unknown: 0.2 })
    expect(operations.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThan(80)
    expect(checkLinearizable(registerModel(), operations).verdict).toBe('ok')
  })

  test('at the budget the verdict is unknown, and an illegal object beside an endless one is still found', () => {
    // Fifty writes at once and a read of something else: every subset is a configuration.
    const endless = Array.from({ length: 50 }, (_, place): Written => [place, 'append', 0, 100, `${place} `])
    const hopeless = history(...endless, [99, 'get', 0, 101, undefined, 'nothing like it']).map((each) => ({
      ...each,
      key: 'x',
    }))
    expect(checkLinearizable(mapModel(), hopeless, { budget: 50_000 })).toMatchObject({
      verdict: 'unknown',
      undecided: ['x'],
    })
    expect(checkLinearizable(mapModel(), hopeless, { budget: 50_000 }).steps).toBeLessThan(50_100)
    const guilty = history([0, 'put', 0, 1, 1], [0, 'get', 2, 3]).map((each) => ({ ...each, key: 'y' }))
    const both = checkLinearizable(mapModel(), [...hopeless, ...guilty], { budget: 50_000 })
    expect(both).toMatchObject({ verdict: 'illegal', witness: { key: 'y' } })
  })

  test('a verdict takes no more calls of the model than its budget, an explanation no more than as many again', () => {
    const random = createRandom(9, 'bounded')
    const hopeless = withStaleRead(registerHistory(random, { clients: 10, operations: 400, idle: 0 }), 0.9)
    const { registerAccess: _, ...searched } = registerModel()
    for (const [budget, verdict] of [
      [2000, 'unknown'],
      // Just enough to convict: then there is little to explain it with.
      [checkLinearizable(searched, hopeless).steps + 10, 'illegal'],
    ] as const) {
      let calls = 0
      const counted: Model<unknown> = {
        ...searched,
        step: (state, operation) => {
          calls += 1
          return searched.step(state, operation)
        },
      }
      const result = checkLinearizable(counted, hopeless, { budget })
      expect(result.verdict).toBe(verdict)
      expect(result.steps).toBeLessThan(budget + 100)
      expect(calls).toBeLessThan(result.steps + budget + 1000)
    }
  })

  test('a history that cannot be one is refused', () => {
    expect(() => checkLinearizable(registerModel(), history([0, 'read', 5, 4]))).toThrow(/operation 0/)
    expect(() => checkLinearizable(registerModel(), [], { budget: 0 })).toThrow(/budget/)
  })
})
