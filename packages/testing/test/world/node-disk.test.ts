import type { Disk } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { CrashOptions, SimulatedNode } from '../../src/index.ts'
import { createWorld } from '../../src/index.ts'

const written = Uint8Array.of(1, 2, 3)

async function write(disk: Disk, sync: boolean): Promise<void> {
  await disk.makeDirectory('data')
  const file = await disk.open('data/log', { create: true })
  await disk.syncDirectory('data')
  await file.write(0, written)
  if (sync) await file.sync()
}

async function read(disk: Disk): Promise<readonly number[]> {
  const file = await disk.open('data/log', { create: true })
  return [...(await file.read(0, 3))]
}

/** What the second life of a node reads of what the first one wrote. */
async function afterCrash(seed: number, sync: boolean, options: CrashOptions): Promise<readonly number[]> {
  const world = createWorld({ seed })
  const node = world.addNode('a')
  await world.finish(write(node.disk, sync))
  node.crash(options)
  node.restart()
  return await world.finish(read(node.disk))
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed)

describe('the disk of a node', () => {
  test('what was synced survives every crash', async () => {
    for (const seed of seeds) expect(await afterCrash(seed, true, {})).toEqual([...written])
  })

  test('what was not synced survives the death of the process, and is lost in some power failures', async () => {
    let lost = 0
    for (const seed of seeds) {
      expect(await afterCrash(seed, false, { power: false })).toEqual([...written])
      if ((await afterCrash(seed, false, {})).length < 3) lost += 1
    }
    expect(lost).toBeGreaterThan(5)
    expect(lost).toBeLessThan(seeds.length)
  })

  test('an operation under way at a crash never resolves, not even for code that still runs', async () => {
    const world = createWorld({ seed: 1 })
    const log: string[] = []
    const boot = async (node: SimulatedNode): Promise<void> => {
      const life = node.incarnation
      await write(node.disk, true)
      log.push(`written by ${life}`)
    }
    const node = world.addNode('a', boot)
    await world.run(0.1)
    node.restart()
    await world.run(100)
    expect(log).toEqual(['written by 2'])
  })

  test('completions wait while the node is paused', async () => {
    const world = createWorld({ seed: 1 })
    const node = world.addNode('a')
    let done = false
    void write(node.disk, true).then(() => (done = true))
    await world.run(0.05)
    node.pause()
    await world.run(1000)
    expect(done).toBe(false)
    node.resume()
    await world.run(10)
    expect(done).toBe(true)
  })

  test('latency is what the world was told', async () => {
    const world = createWorld({ seed: 1, disk: { sync: [50, 60] } })
    const node = world.addNode('a')
    await world.finish(write(node.disk, true))
    expect(world.now).toBeGreaterThan(50)
    expect(world.now).toBeLessThan(63)
  })
})
