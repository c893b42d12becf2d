import { describe, expect, it } from 'vitest'
import { RingError } from '../src/index.ts'
import { trackMembers, type MemberTracker } from '../src/tracker.ts'
import { FakeClock } from './fake-clock.ts'
import { follow, ids, type Meta, type Server, type Event } from './tracked.ts'

describe('listeners', () => {
  it('get both rings and what has to move', () => {
    const { tracker, changes, say } = follow({ replicas: 2 })
    for (const id of 'ab') say('alive', id)
    tracker.flush()
    say('alive', 'c')
    tracker.flush()
    const [first, second] = changes
    expect(second?.previous).toBe(first?.ring)
    expect(second?.ring).toBe(tracker.ring)
    expect(second?.plan.replicas).toBe(2)
    expect(second?.plan).toBe(second?.plan)
    expect(second?.plan.moved).toBeGreaterThan(0.2)
    expect(
      second?.plan.ranges.filter(({ role }) => role === 0).every(({ target }) => target?.id === 'c'),
    ).toBe(true)
  })

  it('are apart from each other', async () => {
    const { tracker, changes, errors, say } = follow()
    tracker.onChange(() => {
      throw new Error('thrown')
    })
    // oxlint-disable-next-line typescript/no-misused-promises -- what users do
    tracker.onChange(async () => {
      await Promise.resolve()
      throw new Error('rejected')
    })
    const after: string[] = []
    const last = tracker.onChange((change) => after.push(ids(change)))
    say('alive', 'a')
    tracker.flush()
    await new Promise(setImmediate)
    expect(errors).toEqual([
      { message: 'Error: thrown', origin: 'listener' },
      { message: 'Error: rejected', origin: 'listener' },
    ])
    last[Symbol.dispose]()
    say('alive', 'b')
    tracker.flush()
    expect([after, changes.length]).toEqual([['a'], 2])
  })

  it('hear of changes in their order, also of those they bring about', () => {
    const { tracker, say } = follow()
    const heard: string[] = []
    tracker.onChange(({ ring }) => {
      heard.push(`1:${ids({ ring })}`)
      if (ring.nodes.length === 1) say('alive', 'b')
      tracker.flush()
    })
    tracker.onChange(({ ring }) => heard.push(`2:${ids({ ring })}`))
    say('alive', 'a')
    tracker.flush()
    expect(heard).toEqual(['1:a', '2:a', '1:ab', '2:ab'])
  })

  it('may close it', () => {
    const { tracker, changes, say, stopped } = follow()
    let later = 0
    tracker.onChange(() => {
      say('alive', 'b')
      tracker.close()
      tracker.flush()
    })
    tracker.onChange(() => later++)
    say('alive', 'a')
    tracker.flush()
    expect([ids(tracker), changes.length, later, stopped()]).toEqual(['a', 1, 0, 1])
  })

  it('what onError throws is dropped', () => {
    const { tracker, say } = follow({
      onError: () => {
        throw new Error('again')
      },
    })
    tracker.onChange(() => {
      throw new Error('once')
    })
    say('alive', 'a')
    expect(() => tracker.flush()).not.toThrow()
    expect(ids(tracker)).toBe('a')
  })
})

describe('close', () => {
  it('stops everything and keeps the ring', () => {
    const { tracker, clock, changes, say, stopped } = follow()
    say('alive', 'a')
    tracker.flush()
    say('alive', 'b')
    tracker.close()
    tracker[Symbol.dispose]()
    say('alive', 'c')
    tracker.onChange(() => expect.unreachable())
    tracker.flush()
    clock.advance(1000)
    expect([ids(tracker), changes.length, stopped(), clock.pending]).toEqual(['a', 1, 1, 0])
  })

  it('disposes of a subscription, and reports what that throws', () => {
    const errors: unknown[] = []
    const stop = { [Symbol.dispose]: () => errors.push('stopped') }
    trackMembers(() => stop, { toNode: ({ id }) => ({ id }), onError: (error) => errors.push(error) }).close()
    const broken = trackMembers(
      () => () => {
        throw new Error('stuck')
      },
      {
        toNode: ({ id }) => ({ id }),
        onError: (error, origin) => errors.push(`${origin}: ${String(error)}`),
      },
    )
    expect(() => broken.close()).not.toThrow()
    expect(errors).toEqual(['stopped', 'source: Error: stuck'])
  })
})

describe('bad input', () => {
  it('events that are none are reported and ignored', () => {
    const { tracker, errors, say } = follow()
    say('alive', 'a')
    say('exploded' as never, 'a')
    say('left', '')
    say('left', 42 as never)
    say('left', 'a', { incarnation: Number.NaN })
    say('left', 'a', { incarnation: '7' as never })
    tracker.flush()
    expect(ids(tracker)).toBe('a')
    expect(errors.map(({ origin }) => origin)).toEqual(Array.from({ length: 5 }, () => 'event'))
    expect(errors.every(({ message }) => message.includes('RING_INVALID_NODE'))).toBe(true)
  })

  it.each([
    { settleMs: -1 },
    { settleMs: Number.NaN },
    { settleMs: 100, maxSettleMs: 99 },
    { maxSettleMs: 1e9 },
    { replicas: 0 },
    { spread: 'rack' },
    { settle: 5 },
    { toNode: undefined },
    { onError: undefined },
  ])('options %o are refused', (options) => {
    expect(() => follow(options as object)).toThrow(RingError)
    expect(() => follow(options as object)).toThrow('RING_INVALID_OPTION')
  })
})

describe('something to iterate over', () => {
  async function turns(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }

  function over(source: AsyncIterable<Event>): {
    tracker: MemberTracker<Server, Meta>
    clock: FakeClock
    log: string[]
  } {
    const log: string[] = []
    const clock = new FakeClock()
    const tracker = trackMembers<Server, Meta>(source, {
      toNode: ({ id }) => ({ id }),
      clock,
      onError: (error, origin) => log.push(`${origin}: ${String(error)}`),
      onEnd: () => log.push('end'),
    })
    return { tracker, clock, log }
  }

  it('is followed to its end, which leaves the ring in place', async () => {
    async function* source(): AsyncGenerator<Event> {
      await Promise.resolve()
      yield { type: 'alive', id: 'a' }
      yield { type: 'alive', id: 'b' }
    }
    const { tracker, clock, log } = over(source())
    await turns()
    expect([log, ids(tracker)]).toEqual([['end'], ''])
    clock.advance(200)
    expect(ids(tracker)).toBe('ab')
  })

  it('its error is reported and leaves the ring in place', async () => {
    async function* source(): AsyncGenerator<Event> {
      yield { type: 'alive', id: 'a' }
      await Promise.resolve()
      throw new Error('connection lost')
    }
    const { tracker, clock, log } = over(source())
    await turns()
    clock.advance(200)
    expect([log, ids(tracker)]).toEqual([['source: Error: connection lost', 'end'], 'a'])
  })

  it('is left when the tracker closes, even in the middle of waiting', async () => {
    let left = false
    const source: AsyncIterable<Event> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          left = true
          return Promise.reject(new Error('cannot leave'))
        },
      }),
    }
    const { tracker, log } = over(source)
    await turns()
    tracker.close()
    await turns()
    expect([left, log]).toEqual([true, ['source: Error: cannot leave']])
  })

  it('what it still yields after that is ignored', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    async function* source(): AsyncGenerator<Event> {
      await gate
      yield { type: 'alive', id: 'a' }
    }
    const { tracker, clock, log } = over(source())
    tracker.close()
    release()
    await turns()
    clock.advance(1000)
    expect([ids(tracker), log, clock.armed]).toEqual(['', [], 0])
  })
})
