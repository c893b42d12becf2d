import { systemClock } from '@colony/host'
import { createWorld, type DiskLatency, type NetworkOptions, type World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, logStorage, memoryStorage, type Raft, type RaftStorage } from '../../src/index.ts'
import { Applier } from '../../src/runtime/applier.ts'
import { encodeCommandEntry } from '../../src/runtime/command-entry.ts'
import { LocalProposal } from '../../src/runtime/local-proposal.ts'
import { LocalRead } from '../../src/runtime/local-read.ts'
import { LocalProposals } from '../../src/runtime/local-proposals.ts'
import { LoopShare } from '../../src/runtime/loop-share.ts'
import { Reads } from '../../src/runtime/reads.ts'
import { decodeFrame, encodeDriverMessage, type DriverMessage } from '../../src/runtime/wire.ts'
import { raftOf, Register, startCluster, type Node } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const FIVE = ['a', 'b', 'c', 'd', 'e']

/** A cluster on simulated disks, not yet booted. */
function onDisks(
  ids: readonly string[],
  disk: DiskLatency,
  network: NetworkOptions = {},
): World<Raft<Register>> {
  return createWorld<Raft<Register>>({
    ...{ seed: 1, nodes: ids, disk, network },
    boot: (node) => {
      const storage = logStorage({ disk: node.disk, directory: 'raft', random: node.host.random.fork('log') })
      return createRaft({ id: node.id, members: ids, host: node.host, machine: new Register(), storage })
    },
  })
}

/** Counts what a node's driver sends of one kind, from now on. */
function countSent(node: Node | undefined, type: DriverMessage['type']): () => number {
  let count = 0
  if (node === undefined) throw new Error('no such node')
  const { transport } = node.host
  const send = transport.send.bind(transport)
  transport.send = (to, channel, frame) => {
    const decoded = decodeFrame(frame, node.id, to)
    if (decoded.ok && decoded.value.type === type) count++
    return send(to, channel, frame)
  }
  return () => count
}

describe('slow disks and long links', () => {
  it.each([
    [1, 105],
    [150, 30],
    [175, 10],
    [100, 40],
  ])('writes of %d ms and %d ms one way: a leader is found and stays', async (writeMs, oneWayMs) => {
    const network = { minLatencyMs: oneWayMs, meanLatencyMs: oneWayMs }
    const world = onDisks(THREE, { writeDurable: [writeMs, writeMs] }, network)
    const terms = new Set<number>()
    world.invariant('terms', () => {
      for (const { service } of world.nodes)
        if (service?.status().role === 'leader') terms.add(service.status().term)
    })
    await world.run(20_000)
    expect(terms.size).toBe(1)
  })

  it.each([
    [1, 900],
    [3, 450],
  ])(
    '%d voters with writes of %d ms, longer than the election timeout: one leads at last',
    async (voters, writeMs) => {
      const world = onDisks(THREE.slice(0, voters), { writeDurable: [writeMs, writeMs] })
      await world.booted()
      await world.runUntil(() => world.nodes.some(({ service }) => service?.status().role === 'leader'))
    },
  )

  it('a read on a follower completes when a round trip takes longer than the patience to ask again', async () => {
    const { world, followers } = await startCluster(2, THREE, { electionTimeoutMs: 3000 })
    world.network.configure({ minLatencyMs: 150, meanLatencyMs: 150 })
    await world.run(2000)
    const started = world.now
    await world.finish(raftOf(followers[0]).read((machine) => machine.value))
    expect(world.now - started).toBeLessThan(1000)
  })

  it('a lone node leads without waiting for anybody', async () => {
    const world = onDisks(['a'], {})
    await world.booted()
    const started = world.now
    await world.runUntil(() => raftOf(world.nodes[0]).status().role === 'leader')
    expect(world.now - started).toBeLessThan(20)
  })
})

describe('limits', () => {
  it('an abort after RAFT_OVERLOADED does nothing', async () => {
    const { world, leader } = await startCluster(1, THREE, { maxPendingProposals: 1 })
    const first = raftOf(leader).propose({ add: 1 })
    const controller = new AbortController()
    const refused = raftOf(leader).propose({ add: 1 }, { signal: controller.signal })
    await expect(refused).rejects.toMatchObject({ code: 'RAFT_OVERLOADED' })
    // A listener left behind would throw here, into nobody's hands.
    controller.abort()
    await world.finish(first)
  })

  it('the largest command that is allowed fits, whatever else is', async () => {
    const { world, leader } = await startCluster(1, THREE, { maxCommandBytes: 1000, maxPendingBytes: 1000 })
    const text = 'x'.repeat(1000 - JSON.stringify({ big: '' }).length)
    await world.finish(raftOf(leader).propose({ big: text }))
  })

  it('bound the reads that wait, too', async () => {
    const { leader } = await startCluster(1, THREE, { maxPendingProposals: 2 })
    const read = () => raftOf(leader).read((machine) => machine.value)
    const two = [read(), read()]
    await expect(read()).rejects.toMatchObject({ code: 'RAFT_OVERLOADED', retryable: true })
    for (const one of two) one.catch(() => {})
  })

  it('bound what a leader appends that nobody commits, although the calls have long ended', async () => {
    let hangs = false
    const slow = (): RaftStorage => {
      const below = memoryStorage()
      return {
        open: (identity) => below.open(identity),
        persist: (record) => (hangs ? new Promise(() => {}) : below.persist(record)),
        close: () => below.close(),
      }
    }
    const world = createWorld<Raft<Register>>({
      ...{ seed: 1, nodes: THREE },
      boot: ({ id, host }) => {
        const machine = new Register()
        return createRaft({ id, members: THREE, host, storage: slow(), machine, maxPendingProposals: 100 })
      },
    })
    await world.booted()
    await world.runUntil(() => world.nodes.some(({ service }) => service?.status().role === 'leader'))
    await world.run(500)
    const leader = world.nodes.find(({ service }) => service?.status().role === 'leader')
    hangs = true
    for (let i = 0; i < 500; i++) {
      raftOf(leader)
        .propose({ add: 1 }, { timeoutMs: 1 })
        .catch(() => {})
      await world.run(2)
    }
    const { lastIndex, commitIndex } = raftOf(leader).status()
    expect(lastIndex - commitIndex).toBe(100)
  })

  it('a result that no frame can carry is "applied", not unknown', async () => {
    const machine = { apply: (length: number) => 'x'.repeat(length) }
    const world = createWorld<Raft<typeof machine>>({
      ...{ seed: 1, nodes: THREE },
      boot: ({ id, host }) => createRaft({ id, members: THREE, host, storage: memoryStorage(), machine }),
    })
    await world.booted()
    await world.runUntil(() => world.nodes.every(({ service }) => service?.status().leader !== undefined))
    const follower = world.nodes.find(({ service }) => service?.status().role === 'follower')
    const proposal = follower?.service?.propose(2_000_000) ?? Promise.resolve()
    await expect(world.finish<unknown>(proposal)).rejects.toMatchObject({ outcome: 'applied' })
  })
})

describe('peers that are wrong, gone or slow to see it', () => {
  it('a forwarded frame that no node could apply does not enter the log', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const { term, lastIndex } = raftOf(leader).status()
    const forward = { type: 'forward', term, life: 1, request: 1, oldest: 1, data: Uint8Array.of(9) } as const
    followers[0]?.host.transport.send(leader.id, 'raft:default', encodeDriverMessage(forward))
    await world.run(200)
    expect(raftOf(leader).status()).toMatchObject({ lastIndex, role: 'leader' })
  })

  it('one that stepped down is not asked over and over', async () => {
    const { world, leader, followers } = await startCluster(1, FIVE)
    const [mate, ...rest] = followers
    world.network.partition([[leader.id, mate?.id ?? ''], rest.map(({ id }) => id)])
    await world.runUntil(() => raftOf(leader).status().role !== 'leader')
    const forwards = countSent(mate, 'forward')
    const reads = countSent(mate, 'read')
    const ends: Promise<unknown>[] = [
      raftOf(mate).propose({ add: 1 }, { timeoutMs: 5000 }),
      raftOf(mate).read((machine) => machine.value, { timeoutMs: 5000 }),
    ]
    for (const end of ends) end.catch(() => {})
    await world.runUntil(() => raftOf(mate).status().leader !== leader.id)
    expect(forwards()).toBeLessThan(20)
    expect(reads()).toBeLessThan(20)
  })

  it('a keyed proposal that was appended once is never called rejected', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    const proposal = raftOf(leader).propose({ add: 1 }, { idempotencyKey: 'k', timeoutMs: 8000 })
    const ended = expect(proposal).rejects.toMatchObject({ outcome: 'unknown' })
    const leads = (node: Node): boolean => raftOf(node).status().role === 'leader'
    await world.runUntil(() => followers.some(leads))
    // The cut-off node hears of the new term from one that does not lead it, and of no leader.
    const other = followers.find((node) => !leads(node))
    world.network.heal({ from: other?.id ?? '', to: leader.id })
    world.network.heal({ from: leader.id, to: other?.id ?? '' })
    await world.runUntil(() => raftOf(leader).status().term > 1)
    await world.run(9000)
    await ended
  })

  it('"rejected" is never said of what was sent to a follower, even when the transport then throws', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    await world.run(300)
    const { transport } = leader.host
    const send = transport.send.bind(transport)
    transport.send = (to, channel, frame) => {
      const decoded = decodeFrame(frame, leader.id, to)
      const entries = decoded.ok && decoded.value.type === 'append-request' ? decoded.value.entries.length : 0
      if (entries > 0 && to === followers[1]?.id) throw new Error('a bug of the transport')
      return send(to, channel, frame)
    }
    await expect(world.finish(raftOf(leader).propose({ add: 1 }))).rejects.toMatchObject({
      outcome: 'unknown',
    })
  })

  it('a result that can be encoded but not decoded stops no node', () => {
    const codec = {
      encode: (value: number) => Uint8Array.of(value),
      decode: (bytes: Uint8Array) => bytes[0] ?? 0,
    }
    const oneWay = {
      ...codec,
      decode: (): number => {
        throw new Error('no')
      },
    }
    const applier = new Applier({ apply: (by: number) => by }, codec, oneWay)
    const data = encodeCommandEntry(Uint8Array.of(5), 'k')
    applier.apply({ term: 1, kind: 'command', data }, 1)
    expect(applier.apply({ term: 1, kind: 'command', data }, 2)).toMatchObject({ status: 'repeated' })
  })
})

it('a storage of small records takes any number of small commands at once', async () => {
  const world = createWorld<Raft<Register>>({
    ...{ seed: 1, nodes: THREE },
    boot: (node) => {
      const random = node.host.random.fork('log')
      const storage = logStorage({ disk: node.disk, directory: 'raft', maxRecordBytes: 8192, random })
      return createRaft({ id: node.id, members: THREE, host: node.host, machine: new Register(), storage })
    },
  })
  await world.booted()
  await world.runUntil(() => world.nodes.every(({ service }) => service?.status().leader !== undefined))
  const proposals = world.nodes.flatMap((node) =>
    Array.from({ length: 700 }, () => raftOf(node).propose({ add: 1 })),
  )
  const results: readonly { value: unknown }[] = await world.finish(Promise.all(proposals))
  expect(Math.max(...results.map(({ value }) => Number(value)))).toBe(2100)
  expect(world.nodes.map((node) => raftOf(node).status().role).toSorted()).toEqual([
    'follower',
    'follower',
    'leader',
  ])
})

it('a leader that allows less than its followers refuses what they forward, and goes on', async () => {
  const { world, leader, followers } = await startCluster(1, THREE, { maxCommandBytes: 1000 })
  const raft = raftOf(followers[0])
  await world.finish(raft.propose({ add: 1 }))
  const data = encodeCommandEntry(new Uint8Array(5000), undefined)
  const forward = {
    type: 'forward',
    term: raftOf(leader).status().term,
    life: 9,
    request: 1,
    oldest: 1,
    data,
  } as const
  let status = ''
  followers[0]?.host.transport.send(leader.id, 'raft:default', encodeDriverMessage(forward))
  const { transport } = leader.host
  const send = transport.send.bind(transport)
  transport.send = (to, channel, frame) => {
    const decoded = decodeFrame(frame, leader.id, to)
    if (decoded.ok && decoded.value.type === 'forward-reply') status = decoded.value.status
    return send(to, channel, frame)
  }
  await world.run(1000)
  expect(status).toBe('too-large')
  expect((await world.finish(raft.propose({ add: 1 }))).value).toBe(2)
})

describe('a codec that has side effects', () => {
  it('may abort the call or close the node: the call ends', async () => {
    const { world, leader } = await startCluster(1, ['a'])
    const raft = raftOf(leader)
    const abort = new AbortController()
    const withEffect = (effect: () => void) => ({
      get add() {
        effect()
        return 1
      },
    })
    const aborting = withEffect(() => abort.abort(new Error('enough')))
    await expect(world.finish(raft.propose(aborting, { signal: abort.signal }))).rejects.toThrow('enough')
    const closing = withEffect(() => void raft.close())
    await expect(world.finish(raft.propose(closing))).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
  })
})

describe('calls that wait for a leader', () => {
  const route = {
    ...({
      id: 'a',
      role: 'follower',
      term: 1,
      life: 1,
      now: 0,
      uncommitted: { entries: 0, bytes: 0 },
    } as const),
    wake: () => {},
  }
  const codec = { encode: () => new Uint8Array(0), decode: () => 0 }
  const caller = { resolve: () => {}, reject: () => {}, signal: undefined }
  /** Time stands still: nothing waits for a turn of the event loop. */
  const unhurried = new LoopShare({ now: () => 0, afterInput: () => {} })
  const call = (owner: LocalProposals<number>): LocalProposal<number> =>
    new LocalProposal(Uint8Array.of(1), false, 1e9, caller, owner)

  it('are let go when they end', () => {
    const alone = { ...route, leader: undefined, send: () => true }
    const proposals = new LocalProposals<number>(
      alone,
      codec,
      {
        maxPendingProposals: 10,
        maxPendingBytes: 1e6,
      },
      unhurried,
    )
    const reading = { ...alone, applied: 0, staleMs: () => 0, leaseIndex: () => -1 }
    const reads = new Reads(reading, {}, new LoopShare(systemClock))
    const demand = { consistency: 'linearizable', maxStalenessMs: 0, after: 0 } as const
    for (let i = 0; i < 50; i++) {
      const proposal = call(proposals)
      proposals.submit(proposal)
      proposal.reject(new Error('gave up'))
      const read = new LocalRead(() => 0, demand, 1e9, caller, reads.abandon)
      reads.submit(read)
      reads.abandon(read, new Error('gave up'))
      // Needs nobody, but an index that may never come.
      const later = new LocalRead(
        () => 0,
        { ...demand, consistency: 'local', after: 9 },
        1e9,
        caller,
        reads.abandon,
      )
      reads.submit(later)
      reads.abandon(later, new Error('gave up'))
    }
    expect(reads.waiting).toBe(100)
    proposals.sweep()
    reads.sweep()
    expect([proposals.size, proposals.bytes, reads.size]).toEqual([0, 0, 0])
    expect([proposals.waiting, reads.waiting]).toEqual([0, 0])
  })

  it('are forwarded again ever more rarely, until they are answered', () => {
    let forwards = 0
    const slow = { ...route, now: 0, leader: 'b', send: () => ++forwards > 0 }
    const proposals = new LocalProposals<number>(
      slow,
      codec,
      {
        maxPendingProposals: 10,
        maxPendingBytes: 1e6,
      },
      unhurried,
    )
    proposals.submit(call(proposals))
    proposals.forwardWaiting()
    const sentAt: number[] = []
    for (slow.now = 0; slow.now < 20_000; slow.now += 50) {
      const before = forwards
      proposals.sweep()
      if (forwards > before) sentAt.push(slow.now)
    }
    expect(sentAt).toEqual([250, 750, 1750, 3750, 7750, 11_750, 15_750, 19_750])
    // A leader that is known again may have heard nothing of it.
    proposals.onLeaderChange()
    proposals.sweep()
    expect(forwards).toBe(10)
    proposals.onReply({
      ...({ type: 'forward-reply', life: 1, request: 1, status: 'applied', index: 5 } as const),
      result: Uint8Array.of(0),
    })
    slow.now = 60_000
    proposals.sweep()
    expect([forwards, proposals.size]).toEqual([10, 0])
  })

  it('wait no longer because a full link took nothing', () => {
    let accepts = true
    let forwards = 0
    const link = { ...route, now: 0, leader: 'b', send: () => accepts && ++forwards > 0 }
    const proposals = new LocalProposals<number>(
      link,
      codec,
      {
        maxPendingProposals: 10,
        maxPendingBytes: 1e6,
      },
      unhurried,
    )
    proposals.submit(call(proposals))
    proposals.forwardWaiting()
    const sentAt: number[] = []
    for (link.now = 0; link.now < 3000; link.now += 50) {
      accepts = link.now < 200 || link.now >= 500
      const before = forwards
      proposals.sweep()
      if (forwards > before) sentAt.push(link.now)
    }
    expect(sentAt).toEqual([500, 1000, 2000])
  })

  it('may be very many when the link is full', () => {
    const full = { ...route, leader: 'b', send: () => false }
    const proposals = new LocalProposals<number>(
      full,
      codec,
      {
        maxPendingProposals: 1e6,
        maxPendingBytes: 1e9,
      },
      unhurried,
    )
    for (let i = 0; i < 300_000; i++) proposals.submit(call(proposals))
    proposals.forwardWaiting()
    expect(proposals.size).toBe(300_000)
  })
})
