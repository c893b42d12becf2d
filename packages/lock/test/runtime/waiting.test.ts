import { createRandom, type Random } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Grant, GrantRequest, NotGranted } from '../../src/backend.ts'
import { askUntilGranted } from '../../src/runtime/waiting.ts'
import { ManualClock } from './manual-clock.ts'

const BUSY: NotGranted = { refused: 'busy' }
const GRANT: Grant = { startedAt: 7, token: 1 }

/** An attempt that a test answers. */
interface Attempt {
  readonly at: number
  readonly answer: (answer: Grant | NotGranted) => void
  readonly fail: (error: Error) => void
}

interface Setting {
  readonly clock: ManualClock
  readonly attempts: Attempt[]
  readonly undone: number[]
  readonly wake: () => void
  readonly isListening: () => boolean
  readonly ask: (options?: Partial<GrantRequest>) => { state: unknown }
}

/** Draws that are told, then the bound of the pause itself. */
function drawing(...draws: number[]): Random {
  return { ...createRandom(1), float: () => draws.shift() ?? 0.999_999 } as Random
}

function setting(random: Random = drawing()): Setting {
  const clock = new ManualClock()
  const attempts: Attempt[] = []
  const undone: number[] = []
  let wake: (() => void) | undefined
  const ask = (options: Partial<GrantRequest> = {}): { state: unknown } => {
    const request: GrantRequest = {
      claims: [{ key: 'a', shared: false, permits: 1, limit: 1 }],
      ttlMs: 1000,
      waitMs: Number.POSITIVE_INFINITY,
      signal: undefined,
      owner: undefined,
      victim: undefined,
      waitDie: false,
      lost: () => undefined,
      ...options,
    }
    const watched: { state: unknown } = { state: 'pending' }
    askUntilGranted(request, {
      clock,
      random,
      pauseMs: 10,
      longestPauseMs: 40,
      attempt: () =>
        new Promise((answer, fail) => {
          attempts.push({ at: clock.now(), answer, fail })
        }),
      undo: () => undone.push(clock.now()),
      onWake: (callback) => {
        wake = callback
        return { [Symbol.dispose]: () => (wake = undefined) }
      },
    }).then(
      (answer) => (watched.state = answer),
      (error: unknown) => (watched.state = error),
    )
    return watched
  }
  return {
    ...{ clock, attempts, undone, ask },
    wake: () => wake?.(),
    isListening: () => wake !== undefined,
  }
}

describe('asking until there is a lock', () => {
  it('asks at once, and leaves nothing behind when that was enough', async () => {
    const { clock, attempts, undone, isListening, ask } = setting()
    const answer = ask({ waitMs: 500 })
    attempts[0]?.answer(GRANT)
    await clock.run(0)
    expect([answer.state, clock.timers, undone.length, isListening()]).toEqual([GRANT, 0, 0, false])
  })

  it('pauses longer after each refusal, up to a bound', async () => {
    const { clock, attempts, ask } = setting()
    ask()
    for (let refusal = 0; refusal < 5; refusal++) {
      attempts[refusal]?.answer(BUSY)
      await clock.run(45)
    }
    const began = attempts.map(({ at }) => at - (attempts[0]?.at ?? 0))
    const pauses = began.slice(1).map((at, index) => Math.round(at - 45 * index))
    expect(pauses).toEqual([10, 20, 40, 40, 40])
  })

  it('pauses anything from nothing on, so that those who were refused together do not come back together', async () => {
    const { clock, attempts, ask } = setting(drawing(0.1, 0.6))
    ask()
    attempts[0]?.answer(BUSY)
    await clock.run(1)
    attempts[1]?.answer(BUSY)
    await clock.run(12)
    expect(attempts.map(({ at }) => at - 1000)).toEqual([0, 1, 13])
  })

  it('asks once and answers busy when nobody wants to wait', async () => {
    const { clock, attempts, undone, ask } = setting()
    const answer = ask({ waitMs: 0 })
    attempts[0]?.answer(BUSY)
    await clock.run(1000)
    expect([answer.state, attempts.length, undone.length]).toEqual([BUSY, 1, 1])
  })

  it('is busy when the time is over, and gives back what came of the attempt that was under way', async () => {
    const { clock, attempts, undone, ask } = setting()
    const answer = ask({ waitMs: 100 })
    await clock.run(100)
    expect([answer.state, undone.length]).toEqual([BUSY, 0])
    attempts[0]?.answer(GRANT)
    await clock.run(0)
    expect([answer.state, undone.length, attempts.length]).toEqual([BUSY, 1, 1])
  })

  it('rejects at once when the signal aborts, between attempts as during one', async () => {
    const { clock, attempts, undone, isListening, ask } = setting()
    const between = new AbortController()
    const first = ask({ signal: between.signal })
    attempts[0]?.answer(BUSY)
    await clock.run(0)
    between.abort('enough')
    await clock.run(0)
    expect([first.state, undone.length, clock.timers, isListening()]).toEqual(['enough', 1, 0, false])

    const during = new AbortController()
    const second = ask({ signal: during.signal })
    during.abort('stop')
    await clock.run(0)
    expect([second.state, undone.length]).toEqual(['stop', 1])
    attempts[1]?.fail(new Error('too late'))
    await clock.run(1000)
    expect([second.state, undone.length, attempts.length]).toEqual(['stop', 2, 2])
  })

  it('rejects with the trouble of an attempt, whose lock may have been taken', async () => {
    const { clock, attempts, undone, ask } = setting()
    const answer = ask()
    attempts[0]?.fail(new Error('connection lost'))
    await clock.run(1000)
    expect([String(answer.state), undone.length, attempts.length]).toEqual(['Error: connection lost', 1, 1])
  })

  it('asks again as soon as it is woken, also during an attempt', async () => {
    const { clock, attempts, wake, ask } = setting()
    ask()
    attempts[0]?.answer(BUSY)
    await clock.run(2)
    wake()
    expect(attempts.map(({ at }) => at - 1000)).toEqual([0, 2])
    wake()
    expect(attempts).toHaveLength(2)
    attempts[1]?.answer(BUSY)
    await clock.run(0)
    expect(attempts.map(({ at }) => at - 1000)).toEqual([0, 2, 2])
    attempts[2]?.answer(BUSY)
    await clock.run(0)
    expect([attempts.length, clock.timers]).toEqual([3, 1])
  })

  it('passes on what waiting would not mend', async () => {
    const { clock, attempts, undone, ask } = setting()
    const answer = ask()
    attempts[0]?.answer({ refused: 'mismatch', key: 'a' })
    await clock.run(0)
    expect([answer.state, undone.length]).toEqual([{ refused: 'mismatch', key: 'a' }, 1])
  })
})

it('nobody is asked when the signal had aborted before', async () => {
  const { clock, attempts, undone, ask } = setting()
  const asked = ask({ signal: AbortSignal.abort('enough') })
  await clock.run(1)
  expect([asked.state, attempts.length, undone.length]).toEqual(['enough', 0, 0])
})
