import { ByteReader, ByteWriter } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { readShared, type SharedRecord, writeShared } from '../../../src/core/state/shared-record.ts'
import { SharedState, type SharedStateOptions } from '../../../src/core/state/shared-state.ts'
import { Fingerprint } from '../../../src/core/sync/fingerprint.ts'
import { deliver, FakeContext, LAN } from '../fake-context.ts'
import { bytes, StateNet, text } from './state-net.ts'

function make(self = 'n1', options: SharedStateOptions = {}, tombstoneMs = LAN.tombstoneMs) {
  const context = new FakeContext(self, ['n0', 'n2'], { ...LAN, tombstoneMs })
  const fingerprint = new Fingerprint()
  const shared = new SharedState(context, fingerprint, { wallOffsetMs: 100_000, ...options })
  return { context, fingerprint, shared, values: shared.values }
}

function write(
  key: string,
  value: string | undefined,
  wall: number,
  by: string,
  logical = 0,
  life = 7,
): SharedRecord {
  return { key, value: value === undefined ? undefined : bytes(value), stamp: { wall, logical }, by, life }
}

describe('a shared value', () => {
  it('is that of the latest write, whatever order writes come in', () => {
    const writes = [write('k', 'a', 10, 'n0'), write('k', 'b', 30, 'n2'), write('k', 'c', 20, 'n9')]
    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const { values } = make()
      for (const index of order) values.merge(writes[index]!)
      expect(text(values.value('k'))).toBe('b')
    }
  })

  it('of two writes at one moment is that of the greater id, also where the moment is too far ahead to be adopted', () => {
    for (const wall of [10, 99_999_999]) {
      const [one, other] = [make(), make()]
      const writes = [write('k', 'a', wall, 'n0'), write('k', 'b', wall, 'n2')]
      for (const record of writes) one.values.merge(record)
      for (const record of writes.toReversed()) other.values.merge(record)
      expect(text(one.values.value('k'))).toBe('b')
      expect(text(other.values.value('k'))).toBe('b')
      expect(one.fingerprint.contents).toBe(other.fingerprint.contents)
    }
  })

  it('of two writes at one moment by one member is that of its later life', () => {
    const [one, other] = [make(), make()]
    const writes = [write('k', 'z', 10, 'n0', 5, 7), write('k', 'a', 10, 'n0', 5, 8)]
    for (const record of writes) one.values.merge(record)
    expect(one.fingerprint.contents).not.toBe(0)
    other.values.merge(writes[0]!)
    expect(one.fingerprint.contents).not.toBe(other.fingerprint.contents)
    for (const record of writes.toReversed()) other.values.merge(record)
    expect([text(one.values.value('k')), text(other.values.value('k'))]).toEqual(['a', 'a'])
    expect(one.fingerprint.contents).toBe(other.fingerprint.contents)
  })

  it('far ahead is counted, does not drag the clock, and can be overwritten at once by whoever has seen it', () => {
    const { values, context } = make()
    values.merge(write('k', 'far', 99_999_999, 'n0'))
    expect(context.drops).toEqual(['shared-clock-ahead'])
    values.share('other', bytes('x'))
    expect(values.record('other')?.stamp.wall).toBe(101_000)
    values.share('k', bytes('mine'))
    expect(text(values.value('k'))).toBe('mine')
    expect(values.record('k')?.stamp).toEqual({ wall: 99_999_999, logical: 1 })
  })

  it('is told once a change, and deletions of nothing are not told', () => {
    const { values, context } = make()
    values.share('k', undefined)
    values.merge(write('k', undefined, 5, 'n0'))
    values.share('k', bytes('a'))
    values.merge(write('k', 'old', 6, 'n0'))
    values.share('k', undefined)
    expect(context.events).toEqual([
      { type: 'shared', key: 'k', value: bytes('a'), by: 'n1' },
      { type: 'shared', key: 'k', value: undefined, by: 'n1' },
    ])
  })

  it('is refused by limits and rules, own ones with the reason, those of others by counting', () => {
    const { values, context } = make('n1', { limits: { sharedKeys: 2, sharedBytes: 20 } })
    expect(values.share('', bytes('a'))).toBe('invalid-key')
    expect(values.share('k'.repeat(256), bytes('a'))).toBe('invalid-key')
    expect(values.share('\ud800', bytes('a'))).toBe('invalid-key')
    expect(values.share('k', new Uint8Array(65_537))).toBe('value-too-large')
    expect(values.share('k', new Uint8Array(20))).toBe('too-many-bytes')
    expect(values.share('k', new Uint8Array(10))).toBeUndefined()
    expect(values.share('l', bytes(''))).toBeUndefined()
    expect(values.share('m', bytes(''))).toBe('too-many-keys')
    expect(values.merge(write('m', '', 5, 'n0'))).toBe(false)
    expect(context.drops).toEqual(['shared-limit'])
    // A key that is deleted makes room, and so do the oldest of too many deletions.
    for (const key of ['k', 'l']) values.share(key, undefined)
    for (const key of ['m', 'n']) expect(values.share(key, bytes('1'))).toBeUndefined()
    expect(values.size).toBeLessThanOrEqual(2)
  })

  it('keeps deletions for their time, and until others are known to agree', () => {
    const { values, shared, context } = make('n1', {}, 8000)
    values.share('k', bytes('a'))
    values.share('k', undefined)
    values.merge(write('nothing', undefined, 5, 'n0'))
    context.run(context.now + 20_000, shared)
    expect(values.tombstones).toBe(2)
    values.agreed()
    context.run(context.now + 2000, shared)
    expect(values.tombstones).toBe(0)
    expect(shared.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('deleted by a clock that is far ahead does not bury what others write until then', () => {
    const { values, shared, context } = make('n1', {}, 8000)
    const ahead = context.now + 100_000 + 600_000
    values.merge(write('far', undefined, ahead, 'n0'))
    values.merge(write('near', undefined, 100, 'n0'))
    context.now += 1
    values.agreed()
    context.run(context.now + 20_000, shared)
    expect([...values.records()].map(({ key }) => key)).toEqual(['far'])
    values.merge(write('young', 'value', context.now + 100_000, 'n2'))
    expect(text(values.value('young'))).toBe('value')
    // Kept for its time after its own moment; then what is older is buried again.
    context.run(context.now + 600_000, shared)
    expect(values.tombstones).toBe(0)
    expect(values.floor.wall).toBe(ahead)
  })

  it('deleted by a clock that is far ahead is no floor either where there is no room for so many deletions', () => {
    const { values } = make('n1', { limits: { sharedKeys: 1 } })
    values.merge(write('far', undefined, 99_999_999, 'n0'))
    values.merge(write('near', undefined, 100, 'n0'))
    expect(values.size).toBe(1)
    values.merge(write('young', 'value', 101_000, 'n2'))
    expect(text(values.value('young'))).toBe('value')
  })

  it('that was just written is written again where it was buried for a clock that is behind, and one that was written long ago is not', () => {
    for (const [age, expected] of [
      [3900, 'mine'],
      [4000, ''],
    ] as const) {
      const { values, context } = make('n1', {}, 8000)
      values.share('k', bytes('mine'))
      const { stamp } = values.record('k')!
      context.now += age
      values.merge(write('k', undefined, stamp.wall, 'n1', stamp.logical + 1, values.record('k')!.life))
      expect(text(values.value('k'))).toBe(expected)
      const heldAgain = expected !== ''
      expect(values.record('k')?.stamp).toEqual({ wall: stamp.wall, logical: heldAgain ? 2 : 1 })
      // Whoever listens saw it once.
      expect(context.events.length).toBe(heldAgain ? 1 : 2)
    }
  })

  it('that its writer wrote in a former life is deleted by what it said then', () => {
    const { values } = make('n1', {}, 8000)
    const life = 0
    values.merge(write('k', 'mine', 100, 'n1', 0, life))
    values.merge(write('k', undefined, 100, 'n1', 1, life))
    expect(values.value('k')).toBeUndefined()
  })

  it('is deleted by whatever else is newer, however young it is', () => {
    const { values } = make('n1', {}, 8000)
    values.share('k', bytes('mine'))
    const { stamp, life } = values.record('k')!
    values.merge(write('k', undefined, stamp.wall, 'n2', stamp.logical + 1, life))
    expect(values.value('k')).toBeUndefined()
  })

  it('that was deleted long ago and comes back is buried again, so that whoever brought it hears of it', () => {
    const { values, shared, context } = make('n1', {}, 8000)
    values.merge(write('old', 'zombie', 100, 'n0'))
    values.share('old', undefined)
    context.now += 1
    values.agreed()
    context.run(context.now + 20_000, shared)
    expect(values.size).toBe(0)
    values.merge(write('old', 'zombie', 100, 'n0'))
    expect(values.value('old')).toBeUndefined()
    expect(values.record('old')).toMatchObject({
      value: undefined,
      stamp: { wall: 100, logical: 1 },
      by: 'n0',
    })
    expect(context.drops).toEqual(['shared-below-floor'])
    expect(shared.backlog).toBeGreaterThan(0)
    values.merge(write('young', 'value', values.floor.wall + 1, 'n0'))
    expect(text(values.value('young'))).toBe('value')
  })

  it('is passed on by piggyback, the newest of each key only', () => {
    const [one, other] = [make('n1'), make('n2')]
    one.values.share('k', bytes('a'))
    one.values.share('k', bytes('b'))
    const writer = new ByteWriter()
    one.shared.write(writer, 1000)
    expect(writer.length).toBeLessThan(20)
    deliver(other.shared, writer.finish(), 'n1')
    expect(text(other.values.value('k'))).toBe('b')
    expect(other.shared.backlog).toBeGreaterThan(0)
  })

  it('that fits no packet is left to anti-entropy', () => {
    const { values, shared } = make()
    values.share('k', bytes('small'))
    values.share('k', new Uint8Array(1400))
    expect(shared.backlog).toBe(0)
  })

  it('survives the wire, and malformed bytes are counted', () => {
    const { shared, context } = make()
    const records = [write('k', 'v', 2 ** 48 - 1, 'n0', 65_535), write('k', undefined, 0, 'n0')]
    for (const record of records) {
      const writer = new ByteWriter()
      writeShared(writer, record)
      const written = writer.finish()
      expect(readShared(new ByteReader(written))).toEqual(record)
      for (let length = 0; length < written.length; length++) {
        expect(readShared(new ByteReader(written.subarray(0, length)))).toBeUndefined()
      }
    }
    deliver(shared, new Uint8Array([0, 1, 2]), 'n0')
    expect(context.drops).toEqual(['malformed-shared'])
  })
})

describe('shared values of a cluster', () => {
  it('are the same everywhere, and a member that was away longer than deletions are remembered brings nothing back', () => {
    const net = new StateNet(5, { timing: { tombstoneMs: 8000, syncIntervalMs: 5000 } })
    net.node(0).shared.values.share('flag', bytes('on'))
    net.node(1).shared.values.share('keep', bytes('this'))
    net.run(3000)
    for (const node of net.all()) expect(node.sharedCopy()).toEqual({ flag: 'on', keep: 'this' })
    for (const { self } of net.all()) net.cut.add(`node-4>${self}`).add(`${self}>node-4`)
    net.node(2).shared.values.share('flag', undefined)
    net.run(30_000)
    expect(net.node(0).shared.values.size).toBe(1)
    expect(net.node(4).sharedCopy()).toEqual({ flag: 'on', keep: 'this' })
    net.cut.clear()
    net.run(30_000)
    for (const node of net.all()) expect(node.sharedCopy()).toEqual({ keep: 'this' })
  })
})
