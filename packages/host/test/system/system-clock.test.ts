import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAfterInput, systemClock } from '../../src/system/system-clock.ts'
import { systemRandom } from '../../src/system/system-random.ts'

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('calls once, not before its time', () => {
    const task = vi.fn<() => void>()
    systemClock.after(10, task)
    vi.advanceTimersByTime(9)
    expect(task).not.toHaveBeenCalled()
    vi.advanceTimersByTime(100)
    expect(task).toHaveBeenCalledTimes(1)
  })

  it('rounds fractions up and waits on when the platform fires early', () => {
    let fired = -1
    const start = systemClock.now()
    systemClock.after(1.4, () => (fired = systemClock.now() - start))
    vi.advanceTimersByTime(5)
    expect(fired).toBeGreaterThanOrEqual(1.4)

    const early = vi.spyOn(performance, 'now')
    const task = vi.fn<() => void>()
    early.mockReturnValue(1000)
    systemClock.after(10, task)
    early.mockReturnValue(1009.2) // the timer comes 0.8 ms too early
    vi.advanceTimersByTime(10)
    expect(task).not.toHaveBeenCalled()
    early.mockReturnValue(1010)
    vi.advanceTimersByTime(1)
    expect(task).toHaveBeenCalledTimes(1)
    early.mockRestore()
  })

  it('waits longer than setTimeout can', () => {
    const task = vi.fn<() => void>()
    const asked = vi.spyOn(globalThis, 'setTimeout')
    systemClock.after(2 ** 31 + 5, task)
    vi.advanceTimersByTime(2 ** 31 + 4)
    expect(task).not.toHaveBeenCalled()
    expect(asked.mock.calls.map(([, delay]) => delay)).toEqual([2 ** 31 - 1, 6])
    vi.advanceTimersByTime(1)
    expect(task).toHaveBeenCalledTimes(1)
  })

  it('cancels with dispose, also after it waited on', () => {
    const task = vi.fn<() => void>()
    const timer = systemClock.after(2 ** 31 + 5, task)
    vi.advanceTimersByTime(2 ** 31)
    timer[Symbol.dispose]()
    timer[Symbol.dispose]()
    vi.advanceTimersByTime(2 ** 31)
    expect(task).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is called at once for a delay that has passed', () => {
    const task = vi.fn<() => void>()
    systemClock.after(0, task)
    systemClock.after(-5, task)
    vi.advanceTimersByTime(1)
    expect(task).toHaveBeenCalledTimes(2)
  })
})

describe('afterInput', () => {
  const run = async (afterInput: (task: () => void) => void): Promise<string[]> => {
    const seen: string[] = []
    await new Promise<void>((resolve) => {
      afterInput(() => seen.push('first'))
      afterInput(() => {
        seen.push('second')
        afterInput(resolve)
      })
      seen.push('returned')
    })
    return seen
  }

  it.each([
    ['the platform', (task: () => void) => systemClock.afterInput(task)],
    ['setImmediate', createAfterInput({ setImmediate: (task) => setImmediate(task), MessageChannel })],
    ['a timer', createAfterInput({})],
  ])('runs tasks later and in order, by %s', async (_name, afterInput) => {
    expect(await run(afterInput)).toEqual(['returned', 'first', 'second'])
  })

  it('runs tasks later and in order, by messages', async () => {
    const channels: MessageChannel[] = []
    class Recorded extends MessageChannel {
      constructor() {
        super()
        channels.push(this)
      }
    }
    expect(await run(createAfterInput({ MessageChannel: Recorded }))).toEqual(['returned', 'first', 'second'])
    expect(channels).toHaveLength(1)
    for (const { port1 } of channels) port1.close()
  })

  it('runs after input that has arrived, where a timer that expired runs before', async () => {
    const { port1, port2 } = new MessageChannel()
    const seen: string[] = []
    await new Promise<void>((resolve) => {
      port1.onmessage = () => {
        seen.push('input')
      }
      port2.postMessage('x')
      systemClock.afterInput(() => systemClock.afterInput(resolve))
    })
    port1.close()
    expect(seen).toEqual(['input'])
  })
})

describe('systemRandom', () => {
  it('differs every time', () => {
    const draws = Array.from({ length: 20 }, () => systemRandom().integer(0, 0xffff_ffff))
    expect(new Set(draws).size).toBeGreaterThan(15)
  })
})
