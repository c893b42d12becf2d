import { crc32, createRandom } from '@colony/host'
import { createWorld, type SimulatedDisk } from '@colony/testing'
import { describe, expect, test } from 'vitest'
import { createRaft, logStorage, type Raft, type RaftStorage, type StateMachine } from '../../src/index.ts'
import { backupOfLog } from '../../src/recovery/backup-log.ts'
import { restoreBackup } from '../../src/recovery/restore-backup.ts'
import { segmentName, snapshotName } from '../../src/storage/log/format.ts'
import { readIdentity } from '../../src/storage/log/identity-file.ts'
import { crashVariant, Machine } from '../storage/machine.ts'
import { contents, quickDisk } from '../storage/quick-disk.ts'

const IDS = ['a', 'b', 'c']
const NEW = { clusterId: 'new', nodeId: 'n', segmentBytes: 8192 }

/** A register that adds, and that has snapshots. */
class Adder implements StateMachine<number, number> {
  value = 0

  apply(add: number): number {
    this.value += add
    return this.value
  }

  *snapshot(): Generator<Uint8Array> {
    yield new TextEncoder().encode(String(this.value))
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = ''
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk)
    this.value = Number(text)
  }
}

/** The log of a node, whatever its host's cluster is called. */
function logOf(disk: SimulatedDisk, id: string, clusterId: string): RaftStorage {
  const log = logStorage({ disk, directory: `/${id}`, segmentBytes: 8192 })
  return {
    open: (identity) => log.open({ ...identity, clusterId }),
    persist: (record) => log.persist(record),
    saveSnapshot: (meta, chunks) => log.saveSnapshot(meta, chunks),
    openSnapshot: () => log.openSnapshot(),
    forgetLogBefore: (index) => log.forgetLogBefore(index),
    close: () => log.close(),
  }
}

function worldOf(
  seed: number,
  ids: readonly string[],
  clusterId: string,
  prepare?: (disk: SimulatedDisk) => Promise<void>,
) {
  return createWorld<Raft<Adder>>({
    seed,
    nodes: ids,
    boot: async ({ id, host, disk }) => {
      if (id === ids[0]) await prepare?.(disk)
      const storage = logOf(disk, id, clusterId)
      const join = prepare !== undefined && id !== ids[0]
      return await createRaft({ id, members: ids, join, host, storage, machine: new Adder() })
    },
  })
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(chunk.slice())
  return Buffer.concat(pieces)
}

/** A cluster that was told to add up to 10, in five commands with keys. */
async function written(seed: number) {
  const world = worldOf(seed, IDS, 'sim')
  await world.booted()
  await world.runUntil(() => world.nodes.every(({ service }) => service?.status().leader !== undefined))
  const node = world.node('a')
  for (const add of [0, 1, 2, 3, 4])
    await world.finish(node.call((raft) => raft.propose(add, { idempotencyKey: `add ${add}` })))
  await world.run(300)
  return { world, node }
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

/** What was restored leads a cluster of its own, knows what it knew, and takes others in. */
async function requireLives(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const world = worldOf(5, ['n', 'm'], 'new', async (disk) => await install(disk, files))
  await world.booted()
  const [n, m] = [world.node('n'), world.node('m')]
  await world.runUntil(() => n.service?.status().role === 'leader')
  const again = n.call((raft) => raft.propose(4, { idempotencyKey: 'add 4' }))
  expect((await world.finish(again)).value).toBe(10)
  await world.finish(n.call((raft) => raft.members.add('m')))
  await world.runUntil(() => m.service?.status().leader === 'n')
  expect((await world.finish(m.call((raft) => raft.propose(1)))).value).toBe(11)
  expect(n.service?.members.list().voters).toEqual(['m', 'n'])
}

async function install(disk: SimulatedDisk, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await disk.makeDirectory('/n')
  for (const [name, bytes] of files) {
    const file = await disk.open(`/n/${name}`, { create: true })
    await file.writeDurable(0, bytes)
    await file.close()
  }
  await disk.syncDirectory('/n')
}

async function restored(backup: Uint8Array, pieces = 1000): Promise<ReadonlyMap<string, Uint8Array>> {
  const disk = quickDisk()
  const told = await restoreBackup(disk, '/n', crc32, inPieces(backup, pieces), NEW)
  expect(told).toMatchObject({ from: 'sim', group: 'default' })
  const files = await contents(disk, '/n')
  return new Map([...files].filter(([name]) => !name.endsWith('.tmp')))
}

describe('a backup', () => {
  test.each([1, 70, 100_000])(
    'of a running node founds a new cluster with all that it had applied (pieces of %i)',
    async (size) => {
      const { world, node } = await written(1)
      const backup = await world.finish(node.call(async (raft) => await gather(raft.backup())))
      await requireLives(await restored(backup, size))
    },
  )

  test.each([false, true])(
    'of a directory founds one with all that was in its log (with a snapshot: %s)',
    async (snapshot) => {
      const { world, node } = await written(2)
      if (snapshot) await world.finish(node.call((raft) => raft.snapshot()))
      await world.finish(node.call((raft) => raft.propose(0)))
      for (const { id } of world.nodes) world.node(id).crash()
      const disk = quickDisk()
      await install(disk, filesOf(node.disk, '/a'))
      await requireLives(await restored(await gather(backupOfLog(disk, '/n', crc32))))
    },
  )

  test('with any byte changed, or cut off: refused, and no node starts with what is there', async () => {
    const { world, node } = await written(3)
    const backup = await world.finish(node.call(async (raft) => await gather(raft.backup())))
    const broken = Array.from({ length: 24 }, (_, at) => {
      const position = Math.floor(((at + 0.5) / 24) * backup.length)
      if (at % 4 === 0) return backup.slice(0, position)
      return backup.map((byte, place) => (place === position ? byte ^ 1 : byte))
    })
    for (const [at, bytes] of broken.entries()) {
      const disk = quickDisk()
      await expect(
        restoreBackup(disk, '/n', crc32, inPieces(bytes, 500), NEW),
        String(at),
      ).rejects.toMatchObject({
        code: 'RAFT_RECOVERY_REFUSED',
      })
      await requireRefused(disk)
    }
  })

  test('is restored to an empty directory, and under another cluster id only', async () => {
    const { world, node } = await written(4)
    const backup = await world.finish(node.call(async (raft) => await gather(raft.backup())))
    const disk = quickDisk()
    const same = restoreBackup(disk, '/n', crc32, inPieces(backup, 500), { ...NEW, clusterId: 'sim' })
    await expect(same).rejects.toMatchObject({ code: 'RAFT_RECOVERY_REFUSED' })
    await restoreBackup(disk, '/n', crc32, inPieces(backup, 500), NEW)
    const twice = restoreBackup(disk, '/n', crc32, inPieces(backup, 500), NEW)
    await expect(twice).rejects.toMatchObject({ code: 'RAFT_RECOVERY_REFUSED' })
  })

  test('a crash at any moment of a restoration: the directory is complete, or no node starts with it', async () => {
    const { world, node } = await written(6)
    const backup = await world.finish(node.call(async (raft) => await gather(raft.backup())))
    const outcomes = new Set<boolean>()
    let over = false
    for (let steps = 1; !over; steps += 2) {
      const machine = new Machine(crashVariant(createRandom(7, 'restore'), steps))
      restoreBackup(machine.disk, '/n', crc32, inPieces(backup, 500), NEW).then(
        () => (over = true),
        () => (over = true),
      )
      for (let step = 0; step < steps && !over; step++) await machine.step()
      machine.crash()
      const disk = quickDisk()
      const names = await machine.finish(machine.disk.list('/n'))
      await install(
        disk,
        new Map(names.map((name) => [name, machine.disk.peek(`/n/${name}`) ?? new Uint8Array(0)])),
      )
      const identity = await readIdentity(disk, '/n', crc32).catch(() => undefined)
      const isComplete = identity?.identity.clusterId === 'new'
      outcomes.add(isComplete)
      if (!isComplete) await requireRefused(disk)
      else if (over) await requireLives(new Map([...(await contents(disk, '/n'))]))
    }
    expect(outcomes).toEqual(new Set([false, true]))
  })
})

/** The files of a log of a few entries, whose process is dead. */
function filesOf(disk: SimulatedDisk, directory: string): ReadonlyMap<string, Uint8Array> {
  const numbers = Array.from({ length: 20 }, (_, at) => at + 1)
  const names = ['identity', ...numbers.map(segmentName), ...numbers.map(snapshotName)]
  const found = names.map((name) => [name, disk.peek(`${directory}/${name}`)] as const)
  return new Map(found.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes] as const])))
}

/** A start either finds nothing at all, as on a new disk, or is refused. */
async function requireRefused(disk: SimulatedDisk): Promise<void> {
  if ((await readIdentity(disk, '/n', crc32)) === undefined) return
  const opening = logOf(disk, 'n', 'new').open({
    clusterId: '',
    group: 'default',
    nodeId: 'n',
    voters: ['n'],
  })
  await expect(opening).rejects.toMatchObject({ code: 'RAFT_STORAGE_FOREIGN' })
}
