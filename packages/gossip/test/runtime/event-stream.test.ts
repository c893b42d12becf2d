import { describe, expect, it, vi } from 'vitest'
import { EventStreams } from '../../src/runtime/event-stream.ts'

interface Event {
  readonly type: 'n'
  readonly n: number
}
const event = (n: number): Event => ({ type: 'n', n })

async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const read: unknown[] = []
  for await (const value of stream) read.push(value)
  return read
}

describe('a stream of events', () => {
  it('begins when it is opened, keeps the order, and ends when everything was read', async () => {
    const streams = new EventStreams<Event>()
    streams.push(event(0))
    const stream = streams.open(10)
    streams.push(event(1))
    streams.push(event(2))
    streams.end()
    streams.push(event(3))
    expect(await readAll(stream)).toEqual([event(1), event(2)])
    expect(await readAll(streams.open(10))).toEqual([])
  })

  it('drops the oldest for a slow reader, says how many, and stands on its feet again', async () => {
    const streams = new EventStreams<Event>()
    const stream = streams.open(3)
    for (let n = 1; n <= 8; n++) streams.push(event(n))
    expect((await stream.next()).value).toEqual({ type: 'dropped', count: 5 })
    expect((await stream.next()).value).toEqual(event(6))
    streams.push(event(9))
    streams.push(event(10))
    expect((await stream.next()).value).toEqual({ type: 'dropped', count: 1 })
    streams.end()
    expect(await readAll(stream)).toEqual([event(8), event(9), event(10)])
    expect(streams.dropped).toBe(6)
  })

  it('gives what comes to those who wait, in the order of asking', async () => {
    const streams = new EventStreams<Event>()
    const stream = streams.open(1)
    const both = Promise.all([stream.next(), stream.next()])
    streams.push(event(1))
    streams.push(event(2))
    expect(await both).toMatchObject([{ value: event(1) }, { value: event(2) }])
  })

  it('ends with its signal, with its loop, and costs nothing afterwards', async () => {
    const streams = new EventStreams<Event>()
    const controller = new AbortController()
    const stream = streams.open(10, controller.signal)
    const left = vi.spyOn(controller.signal, 'removeEventListener')
    const waiting = stream.next()
    expect(streams.active).toBe(true)
    controller.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(streams.active).toBe(false)
    // A long-lived signal must not collect every loop that was ever bound to it.
    expect(left).toHaveBeenCalledOnce()
    expect(await readAll(streams.open(10, controller.signal))).toEqual([])
    const other = streams.open(10)
    streams.push(event(1))
    for await (const first of other) {
      expect(first).toEqual(event(1))
      break
    }
    expect(streams.active).toBe(false)
    expect((await other.next()).done).toBe(true)
  })

  it('has readers that do not see each other', async () => {
    const streams = new EventStreams<Event>()
    const [slow, quick] = [streams.open(1), streams.open(10)]
    streams.push(event(1))
    streams.push(event(2))
    streams.end()
    expect(await readAll(slow)).toEqual([{ type: 'dropped', count: 1 }, event(2)])
    expect(await readAll(quick)).toEqual([event(1), event(2)])
  })
})
