import { describe, expect, it } from 'vitest'
import {
  createMemoryNetwork,
  type MemoryNetwork,
  type MemoryTransportOptions,
} from '../../src/memory/index.ts'
import type { ObservedEvent } from '../../src/observer.ts'
import type { Transport } from '../../src/transport.ts'
import { codedError } from '../coded-error.ts'

/** A network whose rounds are run by hand. */
function manualNetwork(): { network: MemoryNetwork; round: () => void; rounds: () => number } {
  const tasks: (() => void)[] = []
  return {
    network: createMemoryNetwork({ clock: { afterInput: (task) => tasks.push(task) } }),
    round: () => tasks.shift()?.(),
    rounds: () => tasks.length,
  }
}

async function join(
  network: MemoryNetwork,
  id: string,
  options?: MemoryTransportOptions,
): Promise<Transport> {
  const transport = network.transport(options)
  await transport.open(id)
  return transport
}

function record(transport: Transport, channel = 'ch'): string[] {
  const seen: string[] = []
  transport.receive(channel, (from, frame) => seen.push(`${from}:${frame.join()}`))
  return seen
}

const frame = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)

describe('createMemoryNetwork', () => {
  it('delivers later, in the order of sending across all senders, one task a round', async () => {
    const { network, round, rounds } = manualNetwork()
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => join(network, id)))
    const seen = c === undefined ? [] : record(c)
    expect(a?.send('c', 'ch', frame(1))).toBe(true)
    expect(b?.send('c', 'ch', frame(2))).toBe(true)
    expect(a?.send('c', 'ch', frame(3))).toBe(true)
    expect(seen).toEqual([])
    expect(rounds()).toBe(1)
    round()
    expect(seen).toEqual(['a:1', 'b:2', 'a:3'])
  })

  it('delivers what is sent during a round with the next one', async () => {
    const { network, round, rounds } = manualNetwork()
    const a = await join(network, 'a')
    const b = await join(network, 'b')
    const seen = record(a)
    b.receive('ch', (from, bytes) => b.send(from, 'ch', bytes))
    a.send('b', 'ch', frame(1))
    round()
    expect(seen).toEqual([])
    expect(rounds()).toBe(1)
    round()
    expect(seen).toEqual(['b:1'])
    expect(rounds()).toBe(0)
  })

  it('hands over the same array', async () => {
    const { network, round } = manualNetwork()
    const a = await join(network, 'a')
    const b = await join(network, 'b')
    const got: Uint8Array[] = []
    b.receive('ch', (_from, bytes) => got.push(bytes))
    const sent = frame(1)
    a.send('b', 'ch', sent)
    round()
    expect(got[0]).toBe(sent)
  })

  it('refuses what it cannot deliver', async () => {
    const { network } = manualNetwork()
    const closed = network.transport()
    expect(closed.send('b', 'ch', frame(1))).toBe(false)
    const a = await join(network, 'a', { maxFrameBytes: 2 })
    expect(a.capabilities).toEqual({ ordered: true, reliable: true, maxFrameBytes: 2 })
    await join(network, 'b')
    expect(a.send('a', 'ch', frame(1))).toBe(false)
    expect(a.send('nobody', 'ch', frame(1))).toBe(false)
    expect(a.send('b', 'ch', frame(1, 2, 3))).toBe(false)
    expect(a.send('b', 'ch', frame(1, 2))).toBe(true)
    await a.close()
    expect(a.send('b', 'ch', frame(1))).toBe(false)
  })

  it('bounds the inbox by frames and bytes, and frees it on delivery', async () => {
    const { network, round } = manualNetwork()
    const a = await join(network, 'a')
    await join(network, 'few', { inboxFrames: 2 })
    await join(network, 'small', { inboxBytes: 3 })
    const send = (to: string, bytes: number): boolean => a.send(to, 'ch', new Uint8Array(bytes))
    expect([send('few', 1), send('few', 1), send('few', 1)]).toEqual([true, true, false])
    expect([send('small', 2), send('small', 2), send('small', 1)]).toEqual([true, false, true])
    round()
    expect(send('few', 1)).toBe(true)
    round()
    expect([send('small', 9), send('small', 1)]).toEqual([true, false]) // an empty inbox takes any frame
    round()
    expect([send('small', 1), send('small', 2)]).toEqual([true, true])
  })

  it('cuts a link both ways, with what is on it, and heals it', async () => {
    const { network, round } = manualNetwork()
    const [a, b, c] = [await join(network, 'a'), await join(network, 'b'), await join(network, 'c')]
    const [atA, atB, atC] = [record(a), record(b), record(c)]
    a.send('b', 'ch', frame(1))
    network.cut('b', 'a')
    network.cut('a', 'b')
    expect(a.send('b', 'ch', frame(2))).toBe(false)
    expect(b.send('a', 'ch', frame(2))).toBe(false)
    expect(a.send('c', 'ch', frame(3))).toBe(true)
    round()
    network.heal('a', 'b')
    expect(a.send('b', 'ch', frame(4))).toBe(true)
    network.cut('a', 'b')
    network.cut('a', 'c')
    network.heal()
    expect(b.send('a', 'ch', frame(5))).toBe(true)
    round()
    expect([atA, atB, atC]).toEqual([['b:5'], ['a:4'], ['a:3']])
  })

  it('frees the inbox of frames that a cut has lost', async () => {
    const { network, round } = manualNetwork()
    const a = await join(network, 'a')
    await join(network, 'b', { inboxFrames: 1 })
    a.send('b', 'ch', frame(1))
    network.cut('a', 'b')
    round()
    network.heal()
    expect(a.send('b', 'ch', frame(2))).toBe(true)
  })

  it('goes on when a handler throws, and tells the observer', async () => {
    const { network, round } = manualNetwork()
    const events: ObservedEvent[] = []
    const a = await join(network, 'a')
    const b = await join(network, 'b', { observer: (event) => events.push(event) })
    const error = new Error('handler')
    b.receive('bad', () => {
      throw error
    })
    const seen = record(b)
    a.send('b', 'bad', frame(1))
    a.send('b', 'ch', frame(2))
    round()
    expect(seen).toEqual(['a:2'])
    expect(events).toEqual([
      { type: 'transport.handler-failed', level: 'error', node: 'b', from: 'a', channel: 'bad', error },
    ])
  })

  it('keeps networks and clusters apart', async () => {
    const one = manualNetwork()
    const other = manualNetwork()
    const a = await join(one.network, 'a')
    await join(other.network, 'b')
    await join(one.network, 'c', { clusterId: 'elsewhere' })
    await join(one.network, 'a', { clusterId: 'elsewhere' }) // no conflict with the other `a`
    expect(a.send('b', 'ch', frame(1))).toBe(false)
    expect(a.send('c', 'ch', frame(1))).toBe(false)
  })
})

describe('a transport in memory', () => {
  it('refuses an id that is taken, and takes it once that node has left', async () => {
    const { network, round } = manualNetwork()
    const a = await join(network, 'a')
    const first = await join(network, 'b')
    const late = record(first)
    const second = network.transport()
    await expect(second.open('b')).rejects.toMatchObject({ code: 'HOST_ADDRESS_IN_USE' })
    a.send('b', 'ch', frame(1))
    await first.close()
    await first.close()
    await second.open('b')
    const seen = record(second)
    round()
    expect(seen).toEqual([]) // that frame was for the first one
    a.send('b', 'ch', frame(2))
    round()
    expect([late, seen]).toEqual([[], ['a:2']])
  })

  it('opens once', async () => {
    const { network } = manualNetwork()
    const a = await join(network, 'a')
    await expect(a.open('b')).rejects.toMatchObject({ code: 'HOST_LISTEN_FAILED' })
    await a.close()
    await expect(a.open('a')).rejects.toMatchObject({ code: 'HOST_CLOSED' })
    await expect(network.transport().open('')).rejects.toMatchObject({ code: 'HOST_INVALID_OPTION' })
  })

  it.each([
    [{ maxFrameBytes: 0 }, 'maxFrameBytes must be a whole number from 1 to 2147483647, not 0'],
    [{ inboxFrames: 1.5 }, 'inboxFrames must be'],
    [{ inboxBytes: -1 }, 'inboxBytes must be'],
    [{ clusterId: '' }, 'clusterId must be'],
  ])('refuses %j', (options, message) => {
    const network = createMemoryNetwork()
    expect(() => network.transport(options)).toThrow(message)
    expect(() => network.host(options)).toThrow(codedError('HOST_INVALID_OPTION'))
  })
})

describe('a host in memory', () => {
  it('runs on the platform: a question and its answer', async () => {
    const network = createMemoryNetwork()
    const [a, b] = [network.host(), network.host({ observer: () => {} })]
    expect(a.clusterId).toBe('memory')
    await using leaseA = await a.open('a')
    await using leaseB = await b.open('b')
    expect([leaseA, leaseB]).toHaveLength(2)
    const answer = new Promise<string>((resolve) => {
      a.transport.receive('echo', (from, bytes) => resolve(`${from}:${bytes.join()}`))
    })
    b.transport.receive('echo', (from, bytes) => b.transport.send(from, 'echo', bytes))
    expect(a.transport.send('b', 'echo', frame(1, 2))).toBe(true)
    expect(await answer).toBe('b:1,2')
  })

  it('does not starve timers, however busy the nodes are', async () => {
    const network = createMemoryNetwork()
    const [a, b] = [network.host(), network.host()]
    await using leaseA = await a.open('a')
    await using leaseB = await b.open('b')
    expect([leaseA, leaseB]).toHaveLength(2)
    for (const host of [a, b]) {
      host.transport.receive('ping', (from, bytes) => host.transport.send(from, 'ping', bytes))
    }
    a.transport.send('b', 'ping', frame(1))
    await new Promise<void>((resolve) => a.clock.after(1, resolve)) // never comes if frames are microtasks
  })

  it('keeps an id to one host at a time', async () => {
    const network = createMemoryNetwork()
    const lease = await network.host().open('a')
    const second = network.host()
    await expect(second.open('a')).rejects.toMatchObject({ code: 'HOST_ADDRESS_IN_USE' })
    await lease[Symbol.asyncDispose]()
    await (await second.open('a'))[Symbol.asyncDispose]()
  })
})
