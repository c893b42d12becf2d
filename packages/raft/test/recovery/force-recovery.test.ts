import { crc32, createRandom } from '@colony/host'
import { createWorld, type SimulatedDisk } from '@colony/testing'
import { describe, expect, test } from 'vitest'
import { encodeMembership, foundingMembership } from '../../src/core/membership.ts'
import { createRaft, logStorage, type PersistRecord, type Raft, type RaftStorage } from '../../src/index.ts'
import { forceRecovery, type ForceOptions } from '../../src/recovery/force-recovery.ts'
import { inspectLog } from '../../src/recovery/inspect-log.ts'
import { planRecovery } from '../../src/recovery/recovery-plan.ts'
import { Register } from '../runtime/simulated.ts'
import { crashVariant, Machine } from '../storage/machine.ts'
import { contents, quickDisk } from '../storage/quick-disk.ts'

const FIVE = ['a', 'b', 'c', 'd', 'e']
const FORCE: ForceOptions = { acceptLoss: true, reason: 'the data centre burned down' }
const AT = '2026-01-02T03:04:05.000Z'

interface Log {
  /** Terms of the entries. */
  readonly terms: readonly number[]
  readonly term?: number
  readonly vote?: string
  readonly clusterId?: string
}

function recordOf(term: number, index: number, vote: string): PersistRecord {
  const data = Uint8Array.of(term, index)
  return { term, vote, firstIndex: index, entries: [{ term, kind: 'command', data }] }
}

/** Writes the log of a node into a directory of its name. */
async function write(disk: SimulatedDisk, id: string, log: Log): Promise<void> {
  const { terms, clusterId = 'bank', vote = '' } = log
  const storage = logStorage({ disk, directory: `/${id}`, segmentBytes: 1024 })
  await storage.open({ clusterId, group: 'main', nodeId: id, voters: FIVE })
  for (const [at, term] of terms.entries()) await storage.persist(recordOf(term, at + 1, vote))
  const term = log.term ?? terms.at(-1) ?? 0
  await storage.persist({ term, vote, firstIndex: 0, entries: [] })
  await storage.close()
}

async function diskOf(logs: Readonly<Record<string, Log>>): Promise<SimulatedDisk> {
  const disk = quickDisk()
  for (const [id, log] of Object.entries(logs)) await write(disk, id, log)
  return disk
}

async function planOf(disk: SimulatedDisk, ...directories: readonly string[]) {
  return (await planRecovery(disk, directories, crc32)).plan
}

const TWO_LEFT = { a: { terms: [1, 1, 1, 2] }, b: { terms: [1, 1, 1, 1, 1], term: 4 } }

describe('a plan', () => {
  test('names the log with the latest term, not the longest, and says what may be lost', async () => {
    const disk = await diskOf(TWO_LEFT)
    const plan = await planOf(disk, '/b', '/a')
    expect(plan).toMatchObject({ clusterId: 'bank', group: 'main', best: 'a', hasQuorum: false, term: 4 })
    expect(plan.survivors.map(({ nodeId, end }) => [nodeId, end])).toEqual([
      ['a', { index: 4, term: 2 }],
      ['b', { index: 5, term: 1 }],
    ])
    expect(plan.missing).toEqual(['c', 'd', 'e'])
    expect(plan).toMatchObject({ lostAfter: 4, unconfirmed: { from: 1, to: 4 }, committedAtLeast: 0 })
  })

  test('knows what a snapshot proves to be committed, and goes by the membership in the log', async () => {
    const disk = await diskOf({ a: { terms: [1, 1, 1] } })
    const storage = logStorage({ disk, directory: '/a', segmentBytes: 1024 })
    await storage.open({ clusterId: 'bank', group: 'main', nodeId: 'a', voters: FIVE })
    const membership = foundingMembership(['a', 'b', 'z'])
    const data = encodeMembership(membership)
    const entries = [{ term: 1, kind: 'configuration' as const, data }]
    await storage.persist({ term: 1, vote: '', firstIndex: 4, entries })
    await storage.saveSnapshot(
      { index: 2, term: 1, membership: foundingMembership(FIVE) },
      (async function* () {})(),
    )
    await storage.close()
    // Its content is empty, which no snapshot of a node is: the log can't be used then.
    await expect(planOf(disk, '/a')).rejects.toMatchObject({ code: 'RAFT_RECOVERY_REFUSED' })
  })

  test('says when the survivors are a quorum', async () => {
    const disk = await diskOf({ a: { terms: [1] }, b: { terms: [1] }, c: { terms: [] } })
    expect(await planOf(disk, '/a', '/b', '/c')).toMatchObject({ hasQuorum: true, missing: ['d', 'e'] })
  })

  test('tells what damage took from the best log', async () => {
    const disk = await diskOf({ a: { terms: [1, 1, 1] } })
    disk.corrupt('/a/log-0000000000000001.seg', 40 + 56 + 50)
    const plan = await planOf(disk, '/a')
    expect(plan).toMatchObject({ lostAfter: 1, damagedUpTo: { index: 3, term: 1 } })
  })

  test.each([
    ['no directory', {}, []],
    ['two logs of one node', { a: { terms: [1] } }, ['/a', '/a']],
    ['logs of two clusters', { a: { terms: [1] }, b: { terms: [1], clusterId: 'shop' } }, ['/a', '/b']],
    ['a directory without a log', { a: { terms: [1] } }, ['/a', '/none']],
  ] as const)('is refused: %s', async (_what, logs, directories) => {
    const disk = await diskOf(logs)
    await expect(planOf(disk, ...directories)).rejects.toMatchObject({ code: 'RAFT_RECOVERY_REFUSED' })
  })
})

describe('force', () => {
  test('makes the best log the beginning of a new cluster, and changes nothing else', async () => {
    const disk = await diskOf(TWO_LEFT)
    const before = await contents(disk, '/b')
    const { plan, audit } = await forceRecovery(disk, ['/a', '/b'], crc32, FORCE, AT)
    expect(plan?.best).toBe('a')
    expect(audit).toMatchObject({
      ...{ at: AT, reason: FORCE.reason, from: 'bank', to: 'bank~2', chosen: 'a', done: true },
      ...{ survivors: ['a', 'b'], missing: ['c', 'd', 'e'], term: 5, index: 5 },
    })
    expect(await contents(disk, '/b')).toEqual(before)
    const { inspection } = await inspectLog(disk, '/a', crc32)
    expect(inspection).toMatchObject({ verdict: 'sound', identity: { clusterId: 'bank~2', nodeId: 'a' } })
    expect(inspection.state).toMatchObject({ term: 5, end: { index: 5, term: 5 } })
    expect(inspection.state?.membership).toMatchObject({
      ...{ voters: ['a'], outgoing: [], learners: ['b'] },
      goal: { voters: ['a', 'b'], learners: [] },
    })
  })

  test('the old cluster is refused the new directory, and the new cluster the old ones', async () => {
    const disk = await diskOf(TWO_LEFT)
    await forceRecovery(disk, ['/a', '/b'], crc32, FORCE, AT)
    for (const [id, clusterId] of [
      ['a', 'bank'],
      ['b', 'bank~2'],
    ] as const) {
      const storage = logStorage({ disk, directory: `/${id}` })
      const opening = storage.open({ clusterId, group: 'main', nodeId: id, voters: FIVE })
      await expect(opening).rejects.toMatchObject({ code: 'RAFT_STORAGE_FOREIGN' })
    }
  })

  test('a second recovery gets a third id', async () => {
    const disk = await diskOf(TWO_LEFT)
    await forceRecovery(disk, ['/a', '/b'], crc32, FORCE, AT)
    // `b` never came.
    const logs = await planOf(disk, '/a')
    expect(logs.hasQuorum).toBe(true)
    await expect(forceRecovery(disk, ['/a'], crc32, FORCE, AT)).rejects.toThrow('are a quorum')
  })

  test.each([
    ['the loss is not accepted', ['/a', '/b'], { ...FORCE, acceptLoss: false as unknown as true }],
    ['there is no reason', ['/a', '/b'], { ...FORCE, reason: ' ' }],
    ['the cluster id stays', ['/a', '/b'], { ...FORCE, clusterId: 'bank' }],
    ['the survivors are a quorum', ['/a', '/b', '/c'], FORCE],
  ] as const)('is refused: %s', async (_what, directories, options) => {
    const disk = await diskOf({ ...TWO_LEFT, c: { terms: [1] } })
    const before = await contents(disk, '/a')
    const forcing = forceRecovery(disk, directories, crc32, options, AT)
    await expect(forcing).rejects.toMatchObject({ code: 'RAFT_RECOVERY_REFUSED' })
    expect(await contents(disk, '/a')).toEqual(before)
  })

  test('a crash at any moment: nobody can be elected by half of it, and the next one ends it', async () => {
    const source = await diskOf(TWO_LEFT)
    const files = { a: await contents(source, '/a'), b: await contents(source, '/b') }
    const verdicts = new Set<string>()
    let isOver = false
    for (let steps = 1; !isOver; steps += 3) {
      const { disk, over } = await interrupted(files, steps)
      isOver = over
      const { identity, state } = (await inspectLog(disk, '/a', crc32)).inspection
      const isForced = state?.membership.voters.length === 1
      verdicts.add(`${identity?.clusterId} ${isForced}`)
      // The membership alone would let it lead the old cluster.
      expect(identity?.clusterId === 'bank' && isForced, String(steps)).toBe(false)
      if (!over || !isForced) await forceRecovery(disk, ['/a', '/b'], crc32, FORCE, AT)
      const { inspection } = await inspectLog(disk, '/a', crc32)
      expect(inspection).toMatchObject({ verdict: 'sound', identity: { clusterId: 'bank~2' } })
      expect(inspection.state).toMatchObject({ end: { index: 5, term: 5 }, membership: { voters: ['a'] } })
    }
    expect([...verdicts].sort()).toEqual(['bank false', 'bank~2 false', 'bank~2 true'])
  })
})

/** A disk after a power failure that came so many completions into a recovery. */
async function interrupted(
  files: Readonly<Record<string, ReadonlyMap<string, Uint8Array>>>,
  steps: number,
): Promise<{ readonly disk: SimulatedDisk; readonly over: boolean }> {
  const machine = new Machine(crashVariant(createRandom(9, 'force'), steps))
  await machine.finish(install(machine.disk, files))
  let over = false
  forceRecovery(machine.disk, ['/a', '/b'], crc32, FORCE, AT).then(
    () => (over = true),
    () => (over = true),
  )
  for (let step = 0; step < steps && !over; step++) await machine.step()
  machine.crash()
  const disk = quickDisk()
  const left: Record<string, ReadonlyMap<string, Uint8Array>> = {}
  for (const id of Object.keys(files)) {
    const names = await machine.finish(machine.disk.list(`/${id}`))
    left[id] = new Map(names.map((name) => [name, machine.disk.peek(`/${id}/${name}`) ?? new Uint8Array(0)]))
  }
  await install(disk, left)
  return { disk, over }
}

async function install(
  disk: SimulatedDisk,
  files: Readonly<Record<string, ReadonlyMap<string, Uint8Array>>>,
): Promise<void> {
  for (const [id, byName] of Object.entries(files)) {
    await disk.makeDirectory(`/${id}`)
    for (const [name, bytes] of byName) {
      const file = await disk.open(`/${id}/${name}`, { create: true })
      await file.writeDurable(0, bytes)
      await file.close()
    }
    await disk.syncDirectory(`/${id}`)
  }
}

test('a group that lost its quorum goes on from the best log, with the survivors as its members', async () => {
  const first = createWorld<Raft<Register>>({
    seed: 11,
    nodes: FIVE,
    boot: ({ id, host, disk }) => {
      const log = logStorage({ disk, directory: `/${id}`, segmentBytes: 8192 })
      // Every simulated host is of one cluster, which is to be the new one.
      const storage: RaftStorage = {
        open: (identity) => log.open({ ...identity, clusterId: 'old' }),
        persist: (record) => log.persist(record),
        close: () => log.close(),
      }
      return createRaft({ id, members: FIVE, host, storage, machine: new Register() })
    },
  })
  await first.booted()
  const nodeA = first.node('a')
  await first.runUntil(() => nodeA.service?.status().leader !== undefined)
  for (let count = 0; count < 5; count++) await first.finish(nodeA.call((raft) => raft.propose({ add: 1 })))
  await first.run(500)
  for (const { id } of first.nodes) first.node(id).crash()
  const disk = quickDisk()
  const files: Record<string, ReadonlyMap<string, Uint8Array>> = {}
  for (const id of ['a', 'b']) files[id] = await contentsOf(first.node(id).disk, id)
  await install(disk, files)
  const { audit } = await forceRecovery(disk, ['/a', '/b'], crc32, { ...FORCE, clusterId: 'sim' }, AT)
  const forced = await contents(disk, `/${audit.chosen}`)
  await goesOn(audit.chosen, forced)
})

async function contentsOf(disk: SimulatedDisk, id: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const names = [
    'identity',
    ...Array.from({ length: 9 }, (_, at) => `log-${String(at + 1).padStart(16, '0')}.seg`),
  ]
  const found = names.map((name) => [name, disk.peek(`/${id}/${name}`)] as const)
  return new Map(found.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes] as const])))
}

/** The chosen node leads alone, its fellow survivor joins on an empty disk and is made a voter, and everything is there. */
async function goesOn(chosen: string, forced: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const other = chosen === 'a' ? 'b' : 'a'
  const world = createWorld<Raft<Register>>({
    seed: 12,
    nodes: [chosen, other],
    boot: async ({ id, host, disk }) => {
      if (id === chosen) await install(disk, { [id]: forced })
      const storage = logStorage({ disk, directory: `/${id}`, segmentBytes: 8192 })
      const join = id === other
      return await createRaft({ id, members: [chosen, other], join, host, storage, machine: new Register() })
    },
  })
  await world.booted()
  const leader = world.node(chosen)
  await world.runUntil(() => leader.service?.status().role === 'leader')
  await world.runUntil(() => leader.service?.members.list().voters.length === 2, { withinMs: 20_000 })
  const { value } = await world.finish(world.node(other).call((raft) => raft.propose({ add: 1 })))
  expect(value).toBe(6)
  expect(leader.service?.members.list()).toMatchObject({ voters: ['a', 'b'], learners: [] })
}
