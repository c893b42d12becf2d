import { createRandom } from '@colony/host'
import type { SimulatedDisk } from '@colony/testing'
import type { StoredState } from '../../src/core/entry.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { after, EMPTY, protocolRecord } from '../storage/history.ts'
import { IDENTITY } from '../storage/identity.ts'

export const DIRECTORY = '/data'

/** Writes a log of so many records, as Raft would, and returns the states after each, the last one first. */
export async function writeHistory(disk: SimulatedDisk, seed: number, count = 20): Promise<StoredState[]> {
  const random = createRandom(seed, 'history')
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: 1024, random })
  await storage.open(IDENTITY)
  const states = [EMPTY]
  for (let written = 0; written < count; written++) {
    const state = states[0] ?? EMPTY
    const record = protocolRecord(state, random, 120)
    await storage.persist(record)
    states.unshift(after(state, record))
  }
  await storage.close()
  return states
}

/** Writes a log of so many records of one entry each, in term 1. */
export async function writeSteadily(disk: SimulatedDisk, count: number): Promise<void> {
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: 8192 })
  await storage.open(IDENTITY)
  for (let index = 1; index <= count; index++) {
    const data = new Uint8Array(300).fill(index)
    const entries = [{ term: 1, kind: 'command' as const, data }]
    await storage.persist({ term: 1, vote: 'a', firstIndex: index, entries })
  }
  await storage.close()
}
