import { describe, expect, it } from 'vitest'
import type { CoreEvent } from '../../src/core/core-event.ts'
import { Driver } from '../../src/runtime/driver.ts'
import { FrameChannel } from '../../src/runtime/frame-channel.ts'
import type { FrameSealer } from '../../src/runtime/keyring.ts'
import { FakeCore, member, verdict } from './fake-core.ts'
import { ManualHost } from './manual-host.ts'

function drive(sealer?: FrameSealer) {
  const host = new ManualHost()
  const core = new FakeCore()
  const told: CoreEvent[] = []
  const failures: unknown[] = []
  const hooks: { event: (event: CoreEvent) => void } = { event: () => {} }
  const frames = new FrameChannel(host, sealer, 1400)
  const driver: Driver = new Driver(core, host, 'self', frames, {
    changed: () => {},
    event: (event) => {
      told.push(event)
      hooks.event(event)
    },
    settled: () => {},
    failed: (cause) => void failures.push(cause),
  })
  return { host, core, driver, frames, told, failures, hooks }
}

const join = (id: string): CoreEvent => ({ type: 'join', member: member(id), why: verdict('alive') })

describe('the driver', () => {
  it('judges deadlines after the inbox was read, and says first that the loop was held up', () => {
    const { host, core, driver } = drive()
    core.deadline = host.clock.now() + 100
    driver.start()
    host.clock.pass(400)
    expect(core.inputs.map(({ input }) => input.type)).toEqual(['tick', 'stalled'])
    expect(core.fed('stalled')).toEqual([{ type: 'stalled', ms: 300 }])
    // What waited in the socket comes before the tick that would have missed it.
    host.transport.deliver('b', Uint8Array.of(1))
    core.onStep = ({ type }) => {
      if (type === 'tick') core.deadline = Number.POSITIVE_INFINITY
    }
    host.clock.readInput()
    expect(core.inputs.map(({ input }) => input.type)).toEqual(['tick', 'stalled', 'packet', 'tick'])
    expect(driver.lag.current(host.clock.now())).toBe(300)
    expect(driver.lag.current(host.clock.now() + 10_000)).toBeCloseTo(150)
    expect(driver.lag.current(host.clock.now() + 120_000)).toBe(0)
    expect(driver.lag.stalls).toEqual({ count: 1, longestMs: 300 })
  })

  it('says nothing of a timer that is in time', () => {
    const { host, core, driver } = drive()
    core.deadline = host.clock.now() + 100
    driver.start()
    core.onStep = () => (core.deadline = Number.POSITIVE_INFINITY)
    host.clock.run(100)
    expect(core.fed('stalled')).toEqual([])
    expect(core.fed('tick')).toHaveLength(2)
  })

  it('keeps one timer, for the earliest deadline that was asked for', () => {
    const { host, core, driver } = drive()
    core.deadline = host.clock.now() + 1000
    driver.start()
    for (const wait of [500, 2000, 200, 700]) {
      core.deadline = host.clock.now() + wait
      driver.feed({ type: 'peer-closed', peer: 'b' })
    }
    expect(host.clock.alarms).toEqual([host.clock.now() + 200])
    // It rings too early, for a deadline that moved away: no tick then.
    host.clock.run(200)
    expect(core.fed('tick')).toHaveLength(1)
    host.clock.run(500)
    expect(core.fed('tick').length).toBeGreaterThan(1)
  })

  it('sends by datagram, by stream, or to an address whose owner is not known', () => {
    const { host, core, driver, frames } = drive()
    const bytes = Uint8Array.of(7)
    core.next(
      [],
      [
        { to: 'b', bytes, path: 'datagram' },
        { to: 'b', bytes, path: 'stream' },
        { at: 'mem://c', bytes, path: 'datagram' },
      ],
    )
    driver.feed({ type: 'tick' })
    expect(host.transport.sent).toEqual([
      { way: 'send', to: 'b', frame: bytes },
      { way: 'stream', to: 'b', frame: bytes },
      { way: 'contact', to: 'mem://c', frame: bytes },
    ])
    host.transport.taken = false
    core.next([], [{ to: 'b', bytes, path: 'datagram' }])
    driver.feed({ type: 'tick' })
    expect(frames.counts()).toEqual({
      ...{ sent: 4, received: 0, bytesSent: 4, bytesReceived: 0, streamsSent: 1, notTaken: 1 },
    })
  })

  it('says on which path a frame came, also where the transport does not', () => {
    const { host, core, driver } = drive()
    driver.start()
    host.transport.deliver('b', new Uint8Array(10))
    host.transport.deliver('b', new Uint8Array(1401))
    host.transport.deliver('b', new Uint8Array(10), 'stream')
    expect(core.fed('packet').map(({ path }) => path)).toEqual(['datagram', 'stream', 'stream'])
  })

  it('seals what goes out, for its receiver, and counts what cannot be opened', () => {
    const sealedFor: unknown[] = []
    const sealer: FrameSealer = {
      overheadBytes: 1,
      seal: (packet, to) => {
        sealedFor.push(to)
        return Uint8Array.of(0x5e, ...packet)
      },
      open: (frame, from) => (frame[0] === 0x5e && from === 'b' ? frame.subarray(1) : undefined),
    }
    const { host, core, driver, frames } = drive(sealer)
    driver.start()
    core.next(
      [],
      [
        { to: 'b', bytes: Uint8Array.of(1), path: 'datagram' },
        { at: 'x', bytes: Uint8Array.of(2), path: 'datagram' },
      ],
    )
    driver.feed({ type: 'tick' })
    expect(host.transport.sent.map(({ frame }) => [...frame])).toEqual([
      [0x5e, 1],
      [0x5e, 2],
    ])
    expect(sealedFor).toEqual(['b', undefined])
    host.transport.deliver('b', Uint8Array.of(0x5e, 3))
    host.transport.deliver('b', Uint8Array.of(4))
    host.transport.deliver('c', Uint8Array.of(0x5e, 5))
    expect(core.fed('packet').map(({ bytes }) => [...bytes])).toEqual([[3]])
    expect(frames.unopened).toBe(2)
  })

  it('knows where somebody new is before it answers him, and forgets with the core', () => {
    const { host, core, driver } = drive()
    const at: unknown[] = []
    host.transport.send = (to) => {
      at.push(host.addresses.get(to))
      return true
    }
    core.next([join('b')], [{ to: 'b', bytes: Uint8Array.of(1), path: 'datagram' }])
    driver.feed({ type: 'tick' })
    expect(at).toEqual(['mem://b'])
    core.next([{ type: 'fail', member: member('b', 'failed'), why: verdict('failed') }])
    driver.feed({ type: 'tick' })
    expect(host.addresses.get('b')).toBe('mem://b')
    const moved = { ...member('b'), address: 'mem://b2' }
    core.next([{ type: 'move', member: moved, previous: member('b') }])
    driver.feed({ type: 'tick' })
    expect(host.addresses.get('b')).toBe('mem://b2')
    core.next([{ type: 'forget', member: moved }])
    driver.feed({ type: 'tick' })
    expect(host.addresses.get('b')).toBeUndefined()
  })

  it('tells between steps and in order, whatever listeners say meanwhile', () => {
    const { core, driver, told, hooks } = drive()
    const depth: number[] = []
    let stepping = 0
    core.onStep = () => depth.push(stepping)
    hooks.event = (event) => {
      if (event.type !== 'join' || event.member.id !== 'b') return
      stepping += 1
      core.next([join('d')])
      expect(driver.feed({ type: 'set', key: 'k', value: Uint8Array.of(1) })).toBeUndefined()
      stepping -= 1
      expect(core.fed('set')).toHaveLength(1)
    }
    core.next([join('b'), join('c')])
    driver.feed({ type: 'tick' })
    expect(told.map((event) => (event.type === 'join' ? event.member.id : ''))).toEqual(['b', 'c', 'd'])
  })

  it('takes what a hook says within a step after that step', () => {
    const { core, driver } = drive()
    let inStep = false
    core.onStep = (input) => {
      expect(inStep).toBe(false)
      inStep = true
      if (input.type === 'tick') driver.feed({ type: 'remove', id: 'b' })
      inStep = false
    }
    driver.feed({ type: 'tick' })
    expect(core.inputs.map(({ input }) => input.type)).toEqual(['tick', 'remove'])
  })

  it('stops when the core throws, and feeds it no more', () => {
    const { core, driver, failures, host } = drive()
    driver.start()
    core.onStep = () => {
      throw new Error('broken')
    }
    driver.feed({ type: 'tick' })
    expect(failures).toEqual([new Error('broken')])
    const steps = core.inputs.length
    host.transport.deliver('b', Uint8Array.of(1))
    driver.feed({ type: 'tick' })
    expect(core.inputs).toHaveLength(steps)
    expect(driver.running).toBe(false)
  })

  it('says when a connection was ended', () => {
    const { host, core, driver } = drive()
    const receiving = driver.start()
    host.transport.peerClosed?.('b')
    expect(core.fed('peer-closed')).toEqual([{ type: 'peer-closed', peer: 'b' }])
    receiving[Symbol.dispose]()
    expect(host.transport.handler).toBeUndefined()
    expect(host.transport.peerClosed).toBeUndefined()
  })
})
