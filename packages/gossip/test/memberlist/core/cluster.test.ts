import { describe, expect, it } from 'vitest'
import type { SerfCoreEvent } from '../../../src/memberlist/serf/serf-event.ts'
import { encodeMessage } from '../../../src/memberlist/wire/message-writer.ts'
import { SimulatedCluster, type SimulatedNode } from './cluster.ts'

function told(node: SimulatedNode, type: SerfCoreEvent['type']): SerfCoreEvent[] {
  return node.events.map(({ event }) => event).filter((event) => event.type === type)
}

describe('a simulated cluster', () => {
  it('finds all of forty nodes through one seed, and is quiet for a minute', () => {
    const cluster = new SimulatedCluster('forty')
    const nodes = cluster.startMany(40)
    cluster.run(5_000)
    const before = cluster.packets
    cluster.run(60_000)
    const rate = (cluster.packets - before) / 60 / nodes.length
    // One ping and one ack a second.
    expect(rate).toBeGreaterThan(1.8)
    expect(rate).toBeLessThan(2.3)
    for (const node of nodes) {
      expect(told(node, 'join')).toHaveLength(39)
      expect(told(node, 'suspect')).toEqual([])
      expect(node.core.memberlist.healthScore).toBe(0)
    }
    expect(cluster.largestPacket).toBeLessThanOrEqual(1400)
  })

  it('sees a crash: suspect, then failed, everywhere, and never otherwise', () => {
    const cluster = new SimulatedCluster('crash')
    const nodes = cluster.startMany(10)
    cluster.run(3_000)
    const [victim, ...rest] = nodes as [SimulatedNode, ...SimulatedNode[]]
    victim.up = false
    const ms = cluster.runUntil(() => rest.every((node) => cluster.status(node, 'n0') === 'failed'), 30_000)
    // A probe that fails within a second or two, then a suspicion of 4 s when all confirm, 24 s when nobody does.
    expect(ms).toBeGreaterThan(4_000)
    for (const node of rest) {
      expect(told(node, 'suspect')).toHaveLength(1)
      expect(told(node, 'failed')).toHaveLength(1)
      expect(cluster.alive(node)).toHaveLength(9)
    }
    // Nacks come in time, so that a crash is not held against those who see it.
    expect(rest.every((node) => node.core.memberlist.healthScore <= 1)).toBe(true)
  })

  it('lets a node that was silent refute the suspicion', () => {
    const cluster = new SimulatedCluster('mute')
    const nodes = cluster.startMany(6)
    const mute = nodes[3]!
    mute.muteUntil = cluster.now + 4_000
    cluster.run(40_000)
    const others = nodes.filter((node) => node !== mute)
    expect(others.some((node) => told(node, 'suspect').length > 0)).toBe(true)
    expect(others.flatMap((node) => told(node, 'failed'))).toEqual([])
    expect(others.every((node) => cluster.alive(node).length === 6)).toBe(true)
    expect(mute.core.memberlist.counts.get('refuted')).toBeGreaterThan(0)
    expect(mute.core.memberlist.me.incarnation).toBeGreaterThan(1)
  })

  it('asks through others when a link is down, and by stream when datagrams are lost', () => {
    const cluster = new SimulatedCluster('links')
    const nodes = cluster.startMany(5)
    const [a, b] = nodes as [SimulatedNode, SimulatedNode]
    cluster.linked = (from, to) => !((from === a && to === b) || (from === b && to === a))
    cluster.run(60_000)
    expect(nodes.flatMap((node) => told(node, 'suspect'))).toEqual([])

    cluster.linked = (_from, to, path) => path === 'stream' || to !== b
    cluster.run(60_000)
    expect(nodes.flatMap((node) => told(node, 'failed'))).toEqual([])
    const saved = nodes.reduce((sum, { core }) => sum + (core.memberlist.counts.get('stream-ack') ?? 0), 0)
    expect(saved).toBeGreaterThan(10)
  })

  it('shows who says goodbye as left, and who goes without as failed', () => {
    const cluster = new SimulatedCluster('leave')
    const nodes = cluster.startMany(8)
    const [stays, leaver, crashed] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode]
    cluster.tell(leaver, { type: 'leave' })
    cluster.runUntil(() => leaver.left, 5_000)
    cluster.run(1_000)
    leaver.up = false
    crashed.up = false
    cluster.runUntil(() => cluster.status(stays, crashed.name) === 'failed', 30_000)
    cluster.run(5_000)
    for (const node of nodes.slice(3)) {
      expect(cluster.status(node, leaver.name)).toBe('left')
      expect(told(node, 'leave')).toHaveLength(1)
      expect(cluster.status(node, crashed.name)).toBe('failed')
    }
    // An operator calls the other one gone as well.
    cluster.tell(stays, { type: 'remove', id: crashed.name, prune: false })
    cluster.run(3_000)
    expect(nodes.slice(3).every((node) => cluster.status(node, crashed.name) === 'left')).toBe(true)
    cluster.tell(stays, { type: 'remove', id: crashed.name, prune: true })
    cluster.run(3_000)
    expect(nodes.slice(3).every((node) => cluster.status(node, crashed.name) === 'unknown')).toBe(true)
  })

  it('heals after a partition that lasted longer than anybody is gossiped to', () => {
    const cluster = new SimulatedCluster('partition')
    const nodes = cluster.startMany(10)
    const side = (node: SimulatedNode): boolean => nodes.indexOf(node) < 5
    cluster.linked = (from, to) => side(from) === side(to)
    cluster.runUntil(() => nodes.every((node) => cluster.alive(node).length === 5), 60_000)
    cluster.run(90_000)
    cluster.linked = () => true
    const ms = cluster.runUntil(() => nodes.every((node) => cluster.alive(node).length === 10), 60_000)
    expect(ms).toBeLessThan(60_000)
  })

  it('takes a node back that was restarted at its address, though it counts from one again', () => {
    const cluster = new SimulatedCluster('restart')
    const nodes = cluster.startMany(5)
    const first = nodes[2]!
    first.core.step(cluster.now, { type: 'tags', tags: { life: '1' } })
    first.up = false
    cluster.runUntil(
      () => nodes.every((node) => node === first || cluster.status(node, 'n2') === 'failed'),
      30_000,
    )
    const second = cluster.start('n2', { tags: { life: '2' } })
    cluster.tell(second, { type: 'join', seeds: [nodes[0]!.address] })
    const others = nodes.filter((node) => node !== first)
    cluster.runUntil(() => others.every((node) => node.core.members.get('n2')?.tags['life'] === '2'), 30_000)
    expect(others.every((node) => cluster.status(node, 'n2') === 'alive')).toBe(true)
  })

  it('tells changed tags and events to all, once each', () => {
    const cluster = new SimulatedCluster('events')
    const nodes = cluster.startMany(20)
    cluster.lossPercent = 10
    cluster.tell(nodes[4]!, { type: 'tags', tags: { role: 'db' } })
    for (let at = 0; at < 10; at++) {
      const payload = Uint8Array.of(at)
      cluster.tell(nodes[at]!, { type: 'event', name: 'deploy', payload, coalesce: at % 2 === 0 })
    }
    cluster.run(40_000)
    for (const node of nodes) {
      expect(node.core.members.get('n4')?.tags).toEqual({ role: 'db' })
      const events = told(node, 'event')
      expect(events).toHaveLength(10)
      expect(new Set(events.map((event) => event.type === 'event' && event.payload[0])).size).toBe(10)
    }
    const late = cluster.start('late')
    const curious = cluster.start('curious', { replay: true })
    for (const node of [late, curious]) cluster.tell(node, { type: 'join', seeds: [nodes[0]!.address] })
    cluster.run(40_000)
    expect(told(late, 'event')).toEqual([])
    expect(told(curious, 'event')).toHaveLength(10)
  })

  it('asks everybody, or some, and collects answers', () => {
    const cluster = new SimulatedCluster('queries')
    const nodes = cluster.startMany(6)
    const ask = (question: number, to: string[]): void => {
      cluster.tell(nodes[0]!, {
        ...{ type: 'query', question, name: 'who', payload: new Uint8Array(0), to, timeoutMs: 3_000 },
      })
      cluster.run(1_000)
      for (const node of nodes) {
        for (const event of told(node, 'query')) {
          if (event.type !== 'query') continue
          cluster.tell(node, { type: 'respond', question: event.question, payload: Uint8Array.of(7) })
        }
      }
      cluster.run(3_000)
    }
    const answers = (question: number): string[] => {
      const all = told(nodes[0]!, 'answer').filter(
        (event) => event.type === 'answer' && event.question === question,
      )
      return all.map((event) => (event.type === 'answer' ? event.from : '')).sort()
    }
    ask(1, [])
    expect(answers(1)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5'])
    ask(2, ['n2', 'n5'])
    expect(answers(2)).toEqual(['n2', 'n5'])
    expect(told(nodes[0]!, 'answered')).toHaveLength(2)
  })

  it('tells of a name that two use, and keeps the first', () => {
    const cluster = new SimulatedCluster('conflict')
    const nodes = cluster.startMany(4)
    const other = cluster.start('other', { name: 'n1' })
    cluster.tell(other, { type: 'join', seeds: [nodes[0]!.address] })
    cluster.run(20_000)
    const first = nodes[1]!
    expect(told(nodes[0]!, 'conflict')[0]).toMatchObject({ address: other.address })
    expect(told(other, 'conflict')[0]).toMatchObject({ address: first.address })
    expect(nodes.every((node) => node.core.members.get('n1')?.address === first.address)).toBe(true)
  })

  it('refuses members that are not admitted, too many, or beyond refutation', () => {
    const cluster = new SimulatedCluster('refused')
    const picky = cluster.start('picky', { admit: (name) => !name.startsWith('bad'), maxMembers: 4 })
    const ip = (last: number): Uint8Array => Uint8Array.of(10, 9, 9, last)
    const alive = (node: string, incarnation: number, last: number): Uint8Array => {
      return encodeMessage({
        ...{ type: 'alive', node, incarnation, ip: ip(last), port: 1, meta: new Uint8Array(0) },
        versions: Uint8Array.of(1, 5, 2, 2, 5, 5),
      })
    }
    const tell = (bytes: Uint8Array): void =>
      cluster.tell(picky, { type: 'packet', from: '10.9.9.9:1', bytes })
    tell(alive('bad', 1, 1))
    tell(alive('a', 0xffff_ffff, 2))
    tell(alive('b', 0xffff_fffe, 3))
    expect(cluster.alive(picky)).toEqual(['picky'])
    tell(encodeMessage({ type: 'suspect', node: 'picky', incarnation: 0xffff_ffff, from: 'x' }))
    expect(picky.core.memberlist.me.incarnation).toBe(1)
    for (const name of ['c', 'd', 'e', 'f']) tell(alive(name, 1, name.charCodeAt(0)))
    expect(cluster.alive(picky)).toEqual(['c', 'd', 'e', 'picky'])
    expect(picky.core.memberlist.counts.get('too-many-members')).toBe(1)
    expect(picky.core.memberlist.counts.get('not-admitted')).toBe(1)
    expect(picky.core.memberlist.counts.get('incarnation-too-high')).toBe(3)
  })

  it('answers and helps only where members are known to be', () => {
    const cluster = new SimulatedCluster('reflection')
    const node = cluster.start('node')
    const victim = { ip: Uint8Array.of(10, 1, 1, 1), port: 53, name: 'victim' }
    const step = (bytes: Uint8Array) =>
      node.core.step(cluster.now, { type: 'packet', from: '10.2.2.2:9', bytes })
    const ping = step(encodeMessage({ type: 'ping', seq: 1, node: 'node', source: victim }))
    expect(ping.packets.map(({ to }) => to)).toEqual(['10.2.2.2:9'])
    const indirect = step(
      encodeMessage({ type: 'indirectPing', seq: 1, ip: victim.ip, port: 53, node: 'victim', nack: true }),
    )
    expect(indirect.packets).toEqual([])
    expect(node.core.memberlist.counts.get('unknown-target')).toBe(1)
  })
})
