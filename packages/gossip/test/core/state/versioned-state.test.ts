import { ByteWriter } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { StateLimits } from '../../../src/core/state/state-limits.ts'
import type { RunEntry, StateRun } from '../../../src/core/state/state-run.ts'
import { VersionedState } from '../../../src/core/state/versioned-state.ts'
import { Fingerprint } from '../../../src/core/sync/fingerprint.ts'
import type { Timing } from '../../../src/core/timing.ts'
import { deliver, FakeContext, LAN } from '../fake-context.ts'
import { bytes, text } from './state-net.ts'

function make(self = 'me', limits: Partial<StateLimits> = {}, timing: Partial<Timing> = {}) {
  const context = new FakeContext(
    self,
    ['o', 'p', 'me'].filter((id) => id !== self),
    { ...LAN, ...timing },
  )
  const state = new VersionedState(context, new Fingerprint(), limits)
  return { context, state, store: state.store }
}

/** A run of changes `key=value` or `key` at the versions after `base`. */
function run(base: number, changes: string[], more: Partial<StateRun> = {}): StateRun {
  const entries: RunEntry[] = changes.map((change, index) => {
    const [key = '', value] = change.split('=')
    return { key, value: value === undefined ? undefined : bytes(value), version: base + index + 1 }
  })
  const upTo = base + entries.length
  return { id: 'o', life: 7, base, upTo, target: upTo, floor: 0, entries, ...more }
}

function shown({ state: { store } }: ReturnType<typeof make>, id = 'o'): string {
  return [...store.entries(id)].map(([key, value]) => `${key}=${text(value)}`).join(' ')
}

function told({ context }: ReturnType<typeof make>): string[] {
  return context
    .takeEvents()
    .map((event) =>
      event.type === 'state'
        ? `${event.key}=${event.value ? text(event.value) : ''}@${event.version}`
        : event.type,
    )
}

describe('a copy', () => {
  it('is extended by what follows it at once, and by the new part of what overlaps', () => {
    const node = make()
    expect(node.state.take(run(0, ['a=1', 'b=2']), true)).toBe('taken')
    expect(node.state.take(run(1, ['b=2', 'a=3']), true)).toBe('taken')
    expect(node.state.take(run(0, ['a=1', 'b=2', 'a=3']), true)).toBe('old')
    expect(shown(node)).toBe('b=2 a=3')
    expect(told(node)).toEqual(['a=1@1', 'b=2@2', 'a=3@3'])
  })

  it('takes nothing after a gap, and says so', () => {
    const node = make()
    const gaps: string[] = []
    node.state.onGap = (owner, from) => gaps.push(`${owner} ${from}`)
    node.state.take(run(0, ['a=1']), true)
    expect(node.state.take(run(2, ['b=3']), true)).toBe('gap')
    const sender = make('p')
    sender.state.take(run(0, ['a=1', 'c=2', 'b=3']), false)
    sender.state.take(run(3, ['d=4']), true)
    const writer = new ByteWriter()
    sender.state.deltas.write(writer, 1000, 'me')
    deliver(node.state.deltas, writer.finish(), 'p')
    expect(gaps).toEqual(['o p'])
    expect(shown(node)).toBe('a=1')
    expect(node.store.mark('o')).toMatchObject({ life: 7, version: 1 })
  })

  it('from below the floor is replaced in one piece when all has come, never a mix', () => {
    const node = make()
    node.state.take(run(0, ['a=1', 'b=2', 'c=3']), true)
    told(node)
    // The owner has deleted `a` at 4 and forgotten that.
    expect(node.state.take(run(5, ['d=6'], { floor: 4 }), true)).toBe('gap')
    const rest = { floor: 4, target: 7 }
    const first: StateRun = {
      ...run(0, [], rest),
      upTo: 2,
      entries: [{ key: 'b', value: bytes('2'), version: 2 }],
    }
    expect(node.state.take(first, true)).toBe('taken')
    expect(shown(node)).toBe('a=1 b=2 c=3')
    expect(node.store.mark('o')).toMatchObject({ version: 2, floor: 4 })
    // What is under way is continued by whoever has the rest, though it ends before the floor still.
    expect(
      node.state.take(
        { ...run(2, [], rest), upTo: 5, entries: [{ key: 'c', value: bytes('5'), version: 5 }] },
        true,
      ),
    ).toBe('taken')
    expect(shown(node)).toBe('a=1 b=2 c=3')
    expect(told(node)).toEqual([])
    expect(node.state.take(run(5, ['d=6', 'e=7'], rest), true)).toBe('taken')
    expect(shown(node)).toBe('b=2 c=5 d=6 e=7')
    expect(told(node)).toEqual(['a=@7', 'c=5@5', 'd=6@6', 'e=7@7'])
  })

  it('of a new life voids all that was said before, and nothing of the old one comes back', () => {
    const node = make()
    node.state.take(run(0, ['a=1', 'b=2']), true)
    told(node)
    expect(node.state.take(run(3, ['x=1'], { life: 8 }), true)).toBe('gap')
    expect(node.state.take(run(0, ['b=1'], { life: 8 }), true)).toBe('taken')
    expect(shown(node)).toBe('b=1')
    expect(told(node)).toEqual(['a=@1', 'b=@2', 'b=1@1'])
    expect(node.state.take(run(0, ['a=1', 'b=2', 'c=3']), true)).toBe('old')
    expect(shown(node)).toBe('b=1')
  })

  it('goes with its owner: of an earlier life at once, of a forgotten member whole, and none is learned of strangers', () => {
    const node = make()
    const { context, state, store } = node
    state.take(run(0, ['a=1']), true)
    state.memberChanged('o', context.members.set('o', 'failed'))
    expect(shown(node)).toBe('a=1')
    state.memberChanged('o', context.members.set('o', 'alive', { epoch: 8, counter: 0 }))
    expect(shown(node)).toBe('')
    expect(state.take(run(0, ['a=1']), true)).toBe('old')
    expect(state.take(run(0, ['a=1'], { life: 8 }), true)).toBe('taken')
    context.members.remove('o')
    state.memberChanged('o', undefined)
    expect([...store.owners(), store.totalBytes]).toEqual([0])
    expect(state.take(run(0, ['a=1'], { life: 8 }), true)).toBe('refused')
    expect(context.drops).toEqual(['state-refused'])
  })

  it('ends where a limit of its owner or of all is reached, and goes on when there is room', () => {
    const node = make('me', { bytes: 30, keys: 3, totalBytes: 40 })
    const long = 'x'.repeat(20)
    expect(node.state.take(run(0, ['a=1', `b=${long}`, `c=${long}`, 'd=4']), true)).toBe('taken')
    expect([node.store.mark('o').version, node.context.drops]).toEqual([2, ['state-limit']])
    expect(node.state.take(run(2, [`c=${long}`]), true)).toBe('refused')
    // Its owner has overwritten what was too much.
    expect(
      node.state.take(
        { ...run(2, []), upTo: 5, target: 5, entries: [{ key: 'b', value: undefined, version: 5 }] },
        true,
      ),
    ).toBe('taken')
    expect(node.state.take(run(5, ['d=1', 'e=1', 'f=1']), true)).toBe('taken')
    expect(node.store.mark('o').version).toBe(7)
    // Seven bytes of the one are kept, which leaves 33 for the others.
    expect(node.store.totalBytes).toBe(7)
    expect(node.state.take(run(0, [`a=${long}`], { id: 'p' }), true)).toBe('taken')
    expect(node.state.set('a', bytes('x'.repeat(18)))).toBeUndefined()
    expect(node.state.take(run(1, ['b=1'], { id: 'p' }), true)).toBe('refused')
    expect(node.store.totalBytes).toBe(7 + 21 + 19)
  })

  it('of more members than are kept is refused', () => {
    const node = make('me', { owners: 1 })
    expect(node.state.take(run(0, ['a=1']), true)).toBe('taken')
    expect(node.state.take(run(0, ['a=1'], { id: 'p' }), true)).toBe('refused')
  })
})

describe('the own state', () => {
  it('is refused by its limits with the reason', () => {
    const { state } = make('me', { keys: 2, bytes: 20 })
    expect(state.set('', bytes('1'))).toBe('invalid-key')
    expect(state.set('k'.repeat(256), bytes('1'))).toBe('invalid-key')
    expect(state.set('ä'.repeat(128), bytes('1'))).toBe('invalid-key')
    expect(state.set('a\ud800', bytes('1'))).toBe('invalid-key')
    expect(state.set('a', new Uint8Array(65_537))).toBe('value-too-large')
    expect(state.set('a', new Uint8Array(20))).toBe('too-many-bytes')
    expect(state.set('a', bytes('1'), 0)).toBe('invalid-ttl')
    expect(state.set('a', bytes('1'), Number.NaN)).toBe('invalid-ttl')
    expect(state.set('a', new Uint8Array(19))).toBeUndefined()
    expect(state.set('a', new Uint8Array(19).fill(1))).toBeUndefined()
    expect(state.set('b', bytes('1'))).toBe('too-many-bytes')
    expect(state.set('a', bytes(''))).toBeUndefined()
    expect(state.set('b', bytes('1'))).toBeUndefined()
    expect(state.set('c', bytes('1'))).toBe('too-many-keys')
    expect(state.set('b', undefined)).toBeUndefined()
    expect(state.set('c', bytes('1'))).toBeUndefined()
  })

  it('keeps its own copy of a value', () => {
    const { state, store } = make()
    const value = bytes('1')
    state.set('a', value)
    value[0] = 0
    expect(text(store.value('me', 'a'))).toBe('1')
  })

  it('begins a time to live anew with every set, also of the same value, and forgets it with a set without one', () => {
    const node = make()
    const { state, context } = node
    state.set('a', bytes('1'), 1000)
    state.set('b', bytes('1'), 1000)
    state.set('c', bytes('1'), 1000)
    context.run(1900, state)
    state.set('a', bytes('1'), 1000)
    state.set('b', bytes('1'))
    context.run(2100, state)
    expect(shown(node, 'me')).toBe('a=1 b=1')
    context.run(10_000, state)
    expect(shown(node, 'me')).toBe('b=1')
    expect(told(node)).toEqual(['a=1@1', 'b=1@2', 'c=1@3', 'c=@4', 'a=@5'])
  })

  it('goes on in a later life where others have a copy that this one never wrote', () => {
    const node = make()
    const { state, store, context } = node
    state.set('a', bytes('1'))
    state.take(run(0, ['z=1', 'y=2', 'x=3'], { id: 'me', life: 7 }), true)
    expect(store.mark('me')).toMatchObject({ life: 8, version: 1 })
    expect(shown(node, 'me')).toBe('a=1')
    state.claimed(8, 1)
    state.claimed(5, 99)
    expect(store.mark('me').life).toBe(8)
    state.memberChanged('me', context.members.set('me', 'alive', { epoch: 12, counter: 0 }))
    expect(store.mark('me')).toMatchObject({ life: 12, version: 1 })
    expect(context.drops).toEqual(['state-of-another-life'])
  })

  it('says that it is empty where others have a copy and it has nothing', () => {
    const [node, peer] = [make('o'), make('p')]
    peer.state.take(run(0, ['a=1', 'b=2']), true)
    node.state.claimed(7, 2)
    expect(node.store.mark('o')).toMatchObject({ life: 8, version: 1 })
    const writer = new ByteWriter()
    node.state.deltas.write(writer, 1000, 'p')
    deliver(peer.state.deltas, writer.finish(), 'o')
    expect(shown(peer)).toBe('')
    expect(peer.store.mark('o')).toMatchObject({ life: 8, version: 1 })
    node.state.set('c', bytes('3'))
    expect(node.store.mark('o')).toMatchObject({ life: 8, version: 2 })
  })

  it('drops its tombstones when their time is over, and is silent then', () => {
    const { state, store, context } = make('me', {}, { tombstoneMs: 8000 })
    state.set('a', bytes('1'))
    state.set('a', undefined)
    state.set('b', bytes('1'))
    context.run(8500, state)
    expect(store.shown('me')?.tombstones).toBe(1)
    context.run(11_000, state)
    expect(store.shown('me')).toMatchObject({ tombstones: 0, floor: 2, version: 3 })
    expect(state.deadline).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('piggyback', () => {
  const packet = (node: ReturnType<typeof make>, budget = 1000, to = 'p'): Uint8Array => {
    const writer = new ByteWriter()
    const written = node.state.deltas.write(writer, budget, to)
    expect(written).toBe(writer.length)
    expect(written).toBeLessThanOrEqual(budget)
    return writer.finish()
  }
  const taken = (body: Uint8Array): ReturnType<typeof make> => {
    const node = make('p')
    deliver(node.state.deltas, body, 'me')
    return node
  }

  it('sends each change so often, then is silent', () => {
    const node = make()
    node.state.set('a', bytes('1'))
    expect(node.state.deltas.backlog).toBeGreaterThan(10)
    let packets = 0
    while (node.state.deltas.backlog > 0) if (packet(node).length > 0) packets++
    // λ = 4, three members.
    expect(packets).toBe(4)
    expect(packet(node).length).toBe(0)
  })

  it('stops telling what three others were found to know, and begins again with what is new', () => {
    const node = make()
    node.state.set('a', bytes('1'))
    for (let count = 0; count < 2; count++) node.state.agreed()
    expect(packet(node).length).toBeGreaterThan(0)
    node.state.set('b', bytes('2'))
    node.state.agreed()
    expect(packet(node).length).toBeGreaterThan(0)
    for (let count = 0; count < 2; count++) node.state.agreed()
    expect(packet(node).length).toBe(0)
    expect(node.state.deltas.backlog).toBe(0)
    node.state.set('c', bytes('3'))
    expect(taken(packet(node)).store.mark('me').version).toBe(0)
  })

  it('joins a new change to those that still travel, without a gap between them', () => {
    const node = make()
    node.state.set('a', bytes('1'))
    packet(node)
    packet(node)
    node.state.set('b', bytes('2'))
    expect(shown(taken(packet(node)), 'me')).toBe('a=1 b=2')
    packet(node)
    // `a` was sent four times now, `b` twice.
    expect(taken(packet(node)).store.mark('me').version).toBe(0)
    packet(node)
    expect(node.state.deltas.backlog).toBe(0)
  })

  it('prefers owners whose news was told least often, and says nothing to an owner about itself', () => {
    const node = make()
    node.state.set('old', bytes('1'))
    packet(node)
    node.state.take(run(0, ['young=1']), true)
    const first = taken(packet(node, 30))
    expect([first.store.mark('o').version, first.store.mark('me').version]).toEqual([1, 0])
    const owner = make('o')
    deliver(owner.state.deltas, packet(node, 1000, 'o'), 'me')
    expect([...owner.store.owners()]).toEqual(['me'])
  })

  it('counts an owner by its newest change, though its run begins with older ones', () => {
    const node = make()
    node.state.set('a', bytes('1'))
    packet(node)
    packet(node)
    node.state.take(run(0, ['x=1']), true)
    packet(node)
    node.state.set('b', bytes('2'))
    const first = taken(packet(node, 30))
    expect([first.store.mark('me').version, first.store.mark('o').version]).toEqual([2, 0])
  })

  it('is cut to its room at the end of a run, and goes on from there', () => {
    const node = make()
    for (let index = 0; index < 40; index++) node.state.set(`key-${index}`, bytes(`value-${index}`))
    const peer = make('p')
    const versions: number[] = []
    for (let count = 0; count < 100 && node.state.deltas.backlog > 0; count++) {
      deliver(peer.state.deltas, packet(node, 200), 'me')
      versions.push(peer.store.mark('me').version)
    }
    expect(node.state.deltas.backlog).toBe(0)
    expect(versions[0]).toBeLessThan(20)
    expect(versions.at(-1)).toBe(40)
  })

  it('passes over what fits no packet, and spreads what follows', () => {
    const node = make()
    node.state.set('small', bytes('1'))
    node.state.set('large', new Uint8Array(3000))
    node.state.set('next', bytes('2'))
    const known = make('p')
    let gap = false
    known.state.onGap = () => (gap = true)
    for (let count = 0; count < 40 && node.state.deltas.backlog > 0; count++)
      deliver(known.state.deltas, packet(node, 1300), 'me')
    expect(node.state.deltas.backlog).toBe(0)
    expect([known.store.mark('me').version, gap]).toEqual([1, true])
  })

  it('counts malformed bytes, and keeps what came before them', () => {
    const node = make()
    node.state.set('a', bytes('1'))
    const body = packet(node)
    const peer = make('p')
    deliver(peer.state.deltas, new Uint8Array([...body, 1, 2, 3]), 'me')
    expect(shown(peer, 'me')).toBe('a=1')
    expect(peer.context.drops).toEqual(['malformed-delta'])
  })
})
