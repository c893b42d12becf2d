import { createRandom, type Random } from '@colony/host'
import { expect, test } from 'vitest'
import {
  checkHistory,
  type CheckHistoryOptions,
  type Consistency,
  type Model,
  type ModelName,
  modelByName,
  modelNames,
  type Operation,
} from '../../src/check/index.ts'
import { randomObjectHistory } from './random-objects.ts'
import { BANK } from './reference-models.ts'

const ROUNDS = 2700
const TIMES = { timeout: 30_000 }

interface Sample {
  readonly name: ModelName
  readonly model: Model<unknown>
  readonly operations: Operation[]
  readonly random: Random
  readonly verdict: string
}

/** Random histories of all models in turn, with unique values or not. */
function forSamples(label: string, consistency: Consistency, visit: (sample: Sample) => void): void {
  const random = createRandom(1, label)
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = modelNames[round % modelNames.length] ?? 'map'
    const model = modelByName(name, name === 'bank' ? BANK : undefined)
    const options = { unique: random.float() < 0.5, lagging: consistency !== 'linearizable' }
    const operations = randomObjectHistory(random, name, options)
    visit({ name, model, operations, random, verdict: verdictOf(model, operations, { consistency }) })
  }
}

function verdictOf(
  model: Model<unknown>,
  operations: readonly Operation[],
  options: CheckHistoryOptions = {},
): string {
  return checkHistory(model, operations, options).verdict
}

test.each(['linearizable', 'sequential'] as const)(
  'one operation more whose outcome nobody knows never makes a history illegal: %s',
  TIMES,
  (consistency) => {
    forSamples(`unknown ${consistency}`, consistency, ({ name, model, operations, random, verdict }) => {
      if (verdict !== 'ok') return
      const others = randomObjectHistory(random, name, { most: 3 })
      const unknown = others.map((each): Operation => {
        const { result: _, ...rest } = each
        return { ...rest, process: 'late', outcome: 'unknown', completedAt: Number.POSITIVE_INFINITY }
      })
      expect(verdictOf(model, [...operations, ...unknown], { consistency })).toBe('ok')
    })
  },
)

test('an outcome that is forgotten never makes a history illegal', TIMES, () => {
  forSamples('forgotten', 'linearizable', ({ model, operations, random, verdict }) => {
    if (verdict !== 'ok') return
    const forgetful = operations.map((each): Operation => {
      if (each.outcome !== 'ok' || random.float() < 0.5) return each
      const { result: _, ...rest } = each
      return { ...rest, outcome: 'unknown', completedAt: Number.POSITIVE_INFINITY }
    })
    expect(verdictOf(model, forgetful)).toBe('ok')
  })
})

test('what is cut off at its end stays in order', TIMES, () => {
  forSamples('cut', 'linearizable', ({ model, operations, random, verdict }) => {
    if (verdict !== 'ok') return
    const end = random.integer(0, 12)
    const cut = operations
      .filter(({ invokedAt }) => invokedAt <= end)
      .map((each): Operation => {
        if (each.completedAt <= end) return each
        const { result: _, ...rest } = each
        return { ...rest, outcome: 'unknown', completedAt: Number.POSITIVE_INFINITY }
      })
    expect(verdictOf(model, cut)).toBe('ok')
  })
})

test.each(['linearizable', 'sequential'] as const)(
  'where time begins, and its unit, do not matter: %s',
  TIMES,
  (consistency) => {
    forSamples(`time ${consistency}`, consistency, ({ model, operations, random, verdict }) => {
      const scale = random.integer(1, 1000) / 8
      const shift = random.integer(-1000, 1000)
      const moved = operations.map((each) => ({
        ...each,
        invokedAt: each.invokedAt * scale + shift,
        completedAt: each.completedAt * scale + shift,
      }))
      expect(verdictOf(model, moved, { consistency })).toBe(verdict)
    })
  },
)

test('who did it does not matter to linearizability, but to a lock', TIMES, () => {
  forSamples('names', 'linearizable', ({ name, model, operations, verdict }) => {
    if (name === 'mutex') return
    const renamed = operations.map((each, index) => ({ ...each, process: `client ${index}` }))
    expect(verdictOf(model, renamed)).toBe(verdict)
  })
})

test('the order in which operations are listed does not matter', TIMES, () => {
  forSamples('order', 'linearizable', ({ model, operations, random, verdict }) => {
    const shuffled = operations
      .map((each) => ({ each, at: random.float() }))
      .toSorted((left, right) => left.at - right.at)
    expect(
      verdictOf(
        model,
        shuffled.map(({ each }) => each),
      ),
    ).toBe(verdict)
  })
})

test(
  'what is linearizable is sequentially consistent, if processes do one thing after the other',
  TIMES,
  () => {
    let both = 0
    forSamples('implies', 'linearizable', ({ model, operations, verdict }) => {
      // Equal times are concurrent, but a process still has an order: apart, they agree.
      const apart = operations.map((each) => ({
        ...each,
        invokedAt: each.invokedAt + 0.25 * Number(each.process),
      }))
      if (verdict !== 'ok' || apart.some(({ invokedAt, completedAt }) => invokedAt > completedAt)) return
      if (verdictOf(model, apart) !== 'ok' || touches(apart)) return
      both += 1
      expect(verdictOf(model, apart, { consistency: 'sequential' })).toBe('ok')
    })
    expect(both).toBeGreaterThan(100)
  },
)

function touches(operations: readonly Operation[]): boolean {
  return operations.some((earlier) =>
    operations.some(
      (later) =>
        earlier !== later &&
        earlier.process === later.process &&
        earlier.invokedAt <= later.invokedAt &&
        later.invokedAt <= earlier.completedAt,
    ),
  )
}
