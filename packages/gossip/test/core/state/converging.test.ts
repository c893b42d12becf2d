import { describe, expect, it } from 'vitest'
import { bytes, StateNet, text } from './state-net.ts'

describe('states', () => {
  it('reach everybody by piggyback alone, without a comparison', () => {
    const net = new StateNet(20)
    net.node(0).state.set('load', bytes('0.4'))
    net.run(3000)
    for (const node of net.all()) {
      expect(text(node.state.store.value('node-0', 'load'))).toBe('0.4')
      expect(node.sync.exchanges).toBe(0)
    }
  })

  it('are told as events, once for each change, at the owner too', () => {
    const net = new StateNet(5)
    net.node(0).state.set('a', bytes('1'))
    net.run(2000)
    net.node(0).state.set('a', bytes('2'))
    net.node(0).state.set('a', bytes('2'))
    net.node(0).state.set('b', undefined)
    net.run(2000)
    net.node(0).state.set('a', undefined)
    net.run(2000)
    for (const node of net.all()) {
      const told = node.events.map((event) =>
        event.type === 'state' ? [event.key, event.value && text(event.value), event.version] : event,
      )
      expect(told).toEqual([
        ['a', '1', 1],
        ['a', '2', 2],
        ['a', undefined, 3],
      ])
    }
  })

  it('converge under 30 % loss', () => {
    const net = new StateNet(30, { loss: 0.3, seed: 3 })
    for (const node of net.all())
      for (let key = 0; key < 5; key++) node.state.set(`key-${key}`, bytes(`${key}`))
    const took = net.until(
      () => net.all().every((node) => node.fingerprint.contents === net.node(0).fingerprint.contents),
      60_000,
    )
    expect(took).toBeLessThan(20_000)
    for (const node of net.all())
      for (const other of net.all()) expect(node.copyOf(other.self)).toEqual(other.copyOf(other.self))
  })

  it('of a key with a time to live end by a tombstone of the owner', () => {
    const net = new StateNet(5)
    net.node(0).state.set('lease', bytes('mine'), 5000)
    net.run(4000)
    expect(net.node(3).copyOf('node-0')).toEqual({ lease: 'mine' })
    net.node(0).state.set('lease', bytes('mine'), 5000)
    net.run(3000)
    expect(net.node(3).copyOf('node-0')).toEqual({ lease: 'mine' })
    net.run(4000)
    for (const node of net.all()) expect(node.copyOf('node-0')).toEqual({})
  })
})

describe('a newcomer', () => {
  it('catches up ten megabytes by stream, members first, and goes on where it was cut off', () => {
    const net = new StateNet(11, { bytesPerSecond: 64 * 1024 * 1024 })
    const value = new Uint8Array(10_000).fill(7)
    for (const node of net.all()) for (let key = 0; key < 100; key++) node.state.set(`key-${key}`, value)
    // Spreading eleven megabytes by piggyback is not what this is about.
    const full = net.node(0)
    for (const node of net.all()) if (node !== full) node.sync.start('node-0')
    net.until(() => full.state.store.totalBytes > 11_000_000, 60_000)
    const late = net.add('late', 9)
    full.learn('late', 'alive', 9)
    late.learn('node-0', 'alive', 7)
    late.sync.start('node-0')
    net.until(() => late.state.store.totalBytes > 3_000_000, 5000)
    expect(late.rows.size).toBe(12)
    // The connection is lost, and both forget that they were at it.
    for (const { self } of net.all()) net.cut.add(`late>${self}`).add(`${self}>late`)
    net.run(12_000)
    const arrived = late.state.store.totalBytes
    expect(arrived).toBeGreaterThan(3_000_000)
    expect(arrived).toBeLessThan(11_000_000)
    net.cut.clear()
    const before = net.traffic.bytes
    late.sync.start('node-0')
    net.until(() => late.state.store.totalBytes > 11_000_000, 60_000)
    expect(late.fingerprint.contents).toBe(full.fingerprint.contents)
    expect(net.traffic.bytes - before).toBeLessThan(11_100_000 - arrived + 400_000)
    expect(net.traffic.largest).toBeLessThanOrEqual(late.packetBytes)
  })
})
