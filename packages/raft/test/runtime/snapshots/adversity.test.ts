import { createRandom } from '@colony/host'
import { createWorld } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, memoryStorage, type Raft } from '../../../src/index.ts'
import { decodeFrame } from '../../../src/runtime/wire.ts'
import { Register } from '../simulated.ts'
import { NotesCluster, type NotesNode } from './notes-cluster.ts'

const THREE = ['a', 'b', 'c']
const SMALL = { snapshots: { everyEntries: 20, keepEntries: 5 } }

/** A cluster in which one follower has missed so much that it needs a snapshot of several hundred kilobytes; the link to it is still cut. */
async function withStraggler(
  c: NotesCluster,
): Promise<{ readonly leader: NotesNode; readonly away: string; readonly others: readonly string[] }> {
  const leader = await c.start()
  const away = THREE.find((id) => id !== leader.id) ?? ''
  const others = THREE.filter((id) => id !== away)
  c.world.fault({ at: c.world.now, do: 'partition', groups: [[away], others] })
  for (let round = 0; round < 3; round++) await c.add(21, 21 * round, 8000)
  await c.world.run(50)
  return { leader, away, others }
}

function heal(c: NotesCluster): void {
  c.world.fault({ at: c.world.now, do: 'heal' })
}

/** Counts the bytes of snapshots that a node sends, and tells when each chunk goes. */
function watchChunks(node: NotesNode): { bytes: number; onChunk: (offset: number) => void } {
  const watch = { bytes: 0, onChunk: (_offset: number): void => undefined }
  const { transport } = node.host
  const send = transport.send.bind(transport)
  transport.send = (to, channel, frame) => {
    const decoded = decodeFrame(frame, node.id, to)
    if (decoded.ok && decoded.value.type === 'snapshot-chunk') {
      watch.bytes += decoded.value.data.length
      watch.onChunk(decoded.value.offset)
    }
    return send(to, channel, frame)
  }
  return watch
}

describe('a snapshot on its way', () => {
  it.each([1, 2, 3, 4, 5])(
    'arrives although frames are lost, doubled and held back (seed %d)',
    async (seed) => {
      const c = new NotesCluster(THREE, SMALL, { seed, disks: seed % 2 === 0 })
      const { away } = await withStraggler(c)
      c.world.network.configure({ loss: 0.15, duplicate: 0.15, reorder: 0.3, reorderMs: 50 })
      heal(c)
      await c.world.runUntil(() => c.seen('raft.snapshot-installed', away).length > 0)
      c.world.network.configure({ loss: 0, duplicate: 0, reorder: 0 })
      await c.agree()
      expect(c.machine(away).notes).toHaveLength(63)
      expect(c.machine(away).restores).toBe(1)
    },
  )

  it('goes on where it was when the connection comes back', async () => {
    const c = new NotesCluster(THREE, { snapshots: { ...SMALL.snapshots, bytesPerSecond: 400_000 } })
    const { leader, away, others } = await withStraggler(c)
    const watch = watchChunks(leader)
    heal(c)
    await c.world.runUntil(() => watch.bytes > 200_000)
    c.world.fault({ at: c.world.now, do: 'partition', groups: [[away], others] })
    await c.world.run(2000)
    heal(c)
    await c.agree()
    await c.world.run(500)
    const [sent] = c.seen('raft.snapshot-sent')
    const total = sent?.['bytes'] as number
    expect(total).toBeGreaterThan(450_000)
    // What was under way is sent again, and nothing else.
    expect(watch.bytes).toBeLessThan(total + 6 * 65_536)
  })

  it('obeys its limit, and nobody misses a heartbeat meanwhile', async () => {
    const c = new NotesCluster(THREE, { snapshots: { ...SMALL.snapshots, bytesPerSecond: 100_000 } })
    const { leader, away } = await withStraggler(c)
    const term = c.raft(leader.id).status().term
    heal(c)
    const started = c.world.now
    await c.world.runUntil(() => c.seen('raft.snapshot-installed', away).length > 0)
    const [sent] = c.seen('raft.snapshot-installed', away)
    const seconds = (c.world.now - started) / 1000
    expect(seconds).toBeGreaterThan(((sent?.['bytes'] as number) - 150_000) / 100_000)
    expect(seconds).toBeLessThan((sent?.['bytes'] as number) / 100_000 + 2)
    expect(c.raft(leader.id).status()).toMatchObject({ term, role: 'leader' })
  })

  it('keeps the entries behind it, also when newer ones are made while it is sent', async () => {
    const c = new NotesCluster(THREE, { snapshots: { ...SMALL.snapshots, bytesPerSecond: 200_000 } })
    const { leader, away } = await withStraggler(c)
    heal(c)
    await c.world.runUntil(() => c.core(leader.id).awaitsSnapshot(away))
    for (let round = 0; round < 4; round++) {
      await c.add(25, 63 + 25 * round)
      await c.world.run(100)
    }
    await c.agree()
    await c.world.run(500)
    expect(c.seen('raft.snapshot-sent')).toHaveLength(1)
    expect(c.machine(away).notes).toHaveLength(163)
  })

  it('a new leader sends its own when the old one dies in the middle', async () => {
    const c = new NotesCluster(
      THREE,
      { snapshots: { ...SMALL.snapshots, bytesPerSecond: 300_000 } },
      { disks: true },
    )
    const { leader, away } = await withStraggler(c)
    const watch = watchChunks(leader)
    heal(c)
    await c.world.runUntil(() => watch.bytes > 150_000)
    leader.crash()
    await c.world.run(3000)
    leader.restart()
    await c.agree()
    expect(c.machine(away).notes).toHaveLength(63)
  })

  it.each(Array.from({ length: 12 }, (_, at) => at))(
    'crashes of sender and receiver at any stage lose nothing (%d)',
    async (seed) => {
      const c = new NotesCluster(THREE, SMALL, { seed: seed + 1, disks: true })
      const { leader, away } = await withStraggler(c)
      const random = createRandom(seed, 'crashes')
      heal(c)
      for (let crash = 0; crash < 3; crash++) {
        await c.world.run(random.integer(1, crash === 0 ? 80 : 400))
        const victim = c.node(random.integer(0, 1) === 0 ? away : leader.id)
        victim.crash({ power: random.integer(0, 1) === 0 })
        await c.world.run(random.integer(1, 300))
        victim.restart()
      }
      await c.world.runUntil(() => c.world.nodes.every(({ service }) => service !== undefined))
      await c.elected()
      await c.agree()
      expect(c.machine(away).notes).toHaveLength(63)
      await c.add(3, 63)
      await c.agree()
    },
  )
})

describe('idempotency keys in snapshots', () => {
  it('a retry after a snapshot is not applied again: where it was made, after a restart, and where it was sent', async () => {
    const c = new NotesCluster(THREE, SMALL)
    const leader = await c.start()
    const away = THREE.find((id) => id !== leader.id) ?? ''
    const others = THREE.filter((id) => id !== away)
    c.world.fault({ at: c.world.now, do: 'partition', groups: [[away], others] })
    const propose = (id: string): Promise<{ value: number; index: number }> =>
      c.world.finish(c.raft(id).propose({ text: 'once' }, { idempotencyKey: 'k' }))
    const first = await propose(leader.id)
    for (let round = 0; round < 3; round++) await c.add(21, 21 * round)
    expect(c.core(leader.id).firstIndex).toBeGreaterThan(first.index)
    expect(await propose(leader.id)).toEqual(first)
    heal(c)
    await c.agree()
    expect(c.machine(away).restores).toBe(1)
    // Each of them in turn knows what became of the key, and has nobody else's memory to rely on.
    for (const id of THREE) {
      await c.world.finish(c.raft(id).close())
      c.node(id).restart()
      await c.world.booted()
      await c.elected()
      expect(await propose(id)).toEqual(first)
      await c.agree()
      for (const machine of c.machines.values())
        expect(machine.notes.filter((note) => note === 'once')).toHaveLength(1)
    }
  })
})

describe('machines that fail', () => {
  it.each(['snapshot', 'later'] as const)(
    'one that throws in its snapshot (%s) goes on, and is asked again',
    async (failing) => {
      const c = new NotesCluster(['a'], SMALL)
      await c.start()
      c.machine('a').failing = failing
      await c.add(30)
      expect(c.seen('raft.snapshot-failed', 'a')).toHaveLength(1)
      const taken = c.world.finish(c.raft('a').snapshot())
      await expect(taken).rejects.toMatchObject({ code: 'RAFT_SNAPSHOT_FAILED', retryable: true })
      c.machine('a').failing = undefined
      await c.world.run(6000)
      await c.add(1, 30)
      await c.world.run(100)
      expect(c.core('a').snapshot?.index).toBe(31)
    },
  )

  it('one that throws in restore stops its node, and keeps it from starting', async () => {
    const c = new NotesCluster(THREE, SMALL)
    const { away } = await withStraggler(c)
    c.machine(away).failing = 'restore'
    const stopped: unknown[] = []
    c.raft(away).on('stopped', ({ error }) => stopped.push(error))
    heal(c)
    await c.world.runUntil(() => stopped.length > 0)
    expect(stopped[0]).toMatchObject({ code: 'RAFT_MACHINE_FAILED' })
    await c.world.finish(c.raft(away).close())
  })

  it('without snapshots the log is kept whole, and asking for one says why there is none', async () => {
    const world = createWorld<Raft<Register>>({
      seed: 1,
      nodes: ['a'],
      boot: ({ id, host }) =>
        createRaft({ id, members: ['a'], host, storage: memoryStorage(), machine: new Register(), ...SMALL }),
    })
    await world.booted()
    const raft = world.node('a').service
    if (raft === undefined) throw new Error('not up')
    for (let i = 0; i < 30; i++) await world.finish(raft.propose({ add: 1 }))
    await expect(raft.snapshot()).rejects.toMatchObject({ code: 'RAFT_SNAPSHOT_UNSUPPORTED' })
  })
})

it('commands wait while a snapshot is restored, also those that a new leader has in its log', async () => {
  const c = new NotesCluster(THREE, SMALL)
  const leader = await c.start()
  const [away = '', third = ''] = THREE.filter((id) => id !== leader.id)
  // Without a snapshot of its own it keeps its log whole, and needs to send none.
  c.machine(third).failing = 'snapshot'
  c.world.fault({ at: c.world.now, do: 'partition', groups: [[away], [leader.id, third]] })
  for (let round = 0; round < 3; round++) await c.add(21, 21 * round)
  const machine = c.machine(away)
  const restore = machine.restore.bind(machine)
  machine.restore = async (chunks) => {
    machine.notes = ['half']
    await new Promise<void>((resolve) => void c.node(away).host.clock.after(5000, resolve))
    await restore(chunks)
  }
  heal(c)
  await c.world.runUntil(() => machine.notes[0] === 'half')
  leader.crash()
  await c.world.runUntil(() => c.leader()?.id === third)
  await c.add(1, 63)
  await c.world.runUntil(() => c.core(away).commitIndex === c.core(third).commitIndex)
  expect(machine.notes).toEqual(['half'])
  await c.world.runUntil(() => machine.notes.length === 64)
  expect(machine.notes).toEqual(c.machine(third).notes)
})

describe('reads while a snapshot is restored', () => {
  it('wait until the machine is whole', async () => {
    const c = new NotesCluster(THREE, SMALL)
    const { away } = await withStraggler(c)
    const machine = c.machine(away)
    const restore = machine.restore.bind(machine)
    let isOver = false
    machine.restore = async (chunks) => {
      const { clock } = c.node(away).host
      machine.notes = ['half']
      await new Promise<void>((resolve) => void clock.after(500, resolve))
      await restore(chunks)
      isOver = true
    }
    heal(c)
    await c.world.runUntil(() => machine.notes[0] === 'half')
    const read = c.raft(away).read((notes) => [isOver, notes.notes.length] as const, { consistency: 'local' })
    expect((await c.world.finish(read)).value).toEqual([true, expect.any(Number)])
    expect(c.raft(away).status().appliedIndex).toBeGreaterThan(60)
  })
})
