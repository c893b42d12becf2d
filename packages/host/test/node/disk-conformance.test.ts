import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DiskFactory, diskConformance } from '@colony/testing/conformance'
import { test } from 'vitest'
import { nodeDisk } from '../../src/node/index.ts'

const factory: DiskFactory = {
  supports: [],
  place: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'colony-disk-'))
    return {
      disk: nodeDisk(),
      directory,
      close: async () => await rm(directory, { recursive: true, force: true }),
    }
  },
}

for (const { name, run } of diskConformance(factory)) test(name, run)
