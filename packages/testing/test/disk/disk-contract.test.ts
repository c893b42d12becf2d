import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '@colony/host'
import { nodeDisk } from '@colony/host/node'
import { afterAll, describe } from 'vitest'
import { SimulatedDisk } from '../../src/disk/index.ts'
import { testDiskContract } from './disk-contract.ts'

describe('the simulated disk', () => {
  testDiskContract(async () => {
    // Later ones may complete first, as in the page cache of a real machine with several threads.
    const disk = new SimulatedDisk({
      random: createRandom(1),
      later: (_delayMs, task) => queueMicrotask(task),
    })
    await disk.makeDirectory('/data')
    return { disk, directory: '/data' }
  })
})

describe('the disk of Node', () => {
  const made: string[] = []
  afterAll(async () => {
    for (const directory of made) await rm(directory, { recursive: true, force: true })
  })
  testDiskContract(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'colony-disk-'))
    made.push(directory)
    return { disk: nodeDisk(), directory }
  })
})
