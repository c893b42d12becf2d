import { describe, expect, test } from 'vitest'
import type { ConformanceCase, TransportFactory } from '../../src/conformance/index.ts'
import {
  clockConformance,
  ConformanceError,
  diskConformance,
  hostConformance,
  lockConformance,
  machineConformance,
  storageConformance,
  transportConformance,
} from '../../src/conformance/index.ts'
import { BROKEN_DISKS, brokenDisks } from './broken-disks.ts'
import {
  BROKEN_CLOCKS,
  BROKEN_HOSTS,
  brokenClocks,
  brokenHosts,
  SOUND_CLOCKS,
  SOUND_HOSTS,
} from './broken-hosts.ts'
import { BROKEN_LOCKS } from './broken-locks.ts'
import { BROKEN_MACHINES, SOUND_MACHINE } from './broken-machines.ts'
import { BROKEN_STORAGES, brokenStorages } from './broken-storages.ts'
import { BROKEN_TRANSPORTS, brokenTransports, streamsByDatagram } from './broken-transports.ts'
import { simulatedDisks } from './disk-factories.ts'
import { referenceLocks } from './reference-locks.ts'
import { REFERENCE } from './reference-storage.ts'
import { memoryTransports, simulatedTransports } from './transport-factories.ts'

interface Convicted {
  /** The suite for an adapter that is sound and has every ability. */
  readonly sound: readonly ConformanceCase[]
  /** By the name of a case: the suite for an adapter that breaks that one clause. */
  readonly broken: Readonly<Record<string, readonly ConformanceCase[]>>
}

type Suite = readonly ConformanceCase[]

function suites<Fault>(
  faults: Readonly<Record<string, Fault>>,
  suite: (fault: Fault) => Suite,
): Record<string, Suite> {
  return Object.fromEntries(Object.entries(faults).map(([name, fault]) => [name, suite(fault)]))
}

const SUITES: Readonly<Record<string, Convicted>> = {
  transport: {
    sound: transportConformance(memoryTransports({ maxFrameBytes: 65_536 })),
    broken: suites(BROKEN_TRANSPORTS, (fault) => transportConformance(brokenTransports(fault))),
  },
  'transport that streams': {
    sound: streaming(simulatedTransports({ loss: 0.3 })),
    broken: {
      'a frame that is streamed arrives, whatever is lost of the others': streaming(streamsByDatagram()),
    },
  },
  disk: {
    sound: diskConformance(simulatedDisks()),
    broken: suites(BROKEN_DISKS, (fault) => diskConformance(brokenDisks(fault))),
  },
  storage: {
    sound: storageConformance(REFERENCE),
    broken: suites(BROKEN_STORAGES, (fault) => storageConformance(brokenStorages(fault))),
  },
  lock: {
    sound: lockConformance(referenceLocks()),
    broken: suites(BROKEN_LOCKS, (fault) => lockConformance(referenceLocks(fault))),
  },
  machine: {
    sound: machineConformance(SOUND_MACHINE),
    broken: suites(BROKEN_MACHINES, (machine) => machineConformance(machine)),
  },
  clock: {
    sound: clockConformance(SOUND_CLOCKS),
    broken: suites(BROKEN_CLOCKS, (fault) => clockConformance(brokenClocks(fault))),
  },
  host: {
    sound: hostConformance(SOUND_HOSTS),
    broken: suites(BROKEN_HOSTS, (fault) => hostConformance(brokenHosts(fault))),
  },
}

/** The cases of a suite that are about streams alone. */
function streaming(factory: TransportFactory): Suite {
  return transportConformance(factory).filter(({ needs }) => needs === 'stream')
}

/** The names of the cases that convict; anything but a conviction is thrown. */
async function convictions(suite: Suite): Promise<readonly string[]> {
  const convicting: string[] = []
  for (const { name, clause, run } of suite) {
    try {
      await run()
    } catch (error) {
      if (!(error instanceof ConformanceError) || error.clause !== clause) throw error
      expect(error.message).toContain(clause)
      convicting.push(name)
    }
  }
  return convicting
}

describe.each(Object.entries(SUITES))('a %s', (_what, { sound, broken }) => {
  test('that is sound is not convicted', async () => {
    expect(await convictions(sound)).toEqual([])
  })

  test('can be convicted by every case', () => {
    expect(Object.keys(broken).sort()).toEqual(sound.map(({ name }) => name).sort())
  })

  describe('that breaks one clause is convicted by the case of that clause, and by no other', () => {
    test.each(Object.entries(broken))('%s', async (name, suite) => {
      expect(await convictions(suite)).toEqual([name])
    })
  })
})
