import { createMemoryNetwork } from '@colony/host/memory'
import { describe, expect, test } from 'vitest'
import type { ConformanceCase, StorageAbility, TransportAbility } from '../../src/conformance/index.ts'
import {
  ConformanceError,
  diskConformance,
  machineConformance,
  storageConformance,
  transportConformance,
} from '../../src/conformance/index.ts'
import { simulatedDisks } from './disk-factories.ts'
import { REFERENCE } from './reference-storage.ts'
import { memoryTransports, simulatedTransports } from './transport-factories.ts'

function named(suite: readonly ConformanceCase[], part: string): ConformanceCase {
  const found = suite.find(({ name }) => name.includes(part))
  if (found === undefined) throw new Error(`no case '${part}'`)
  return found
}

function abilities(suite: readonly ConformanceCase[]): readonly string[] {
  return [...new Set(suite.flatMap(({ needs }) => needs ?? []))].sort()
}

describe('a conviction', () => {
  const suite = machineConformance({ machine: () => ({ apply: () => Math.random() }), commands: [1] })

  test('quotes the clause, says what happened, and has both values for the runner to show', async () => {
    const { run, clause } = named(suite, 'the same results')
    const error: unknown = await run().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ConformanceError)
    expect(error).toMatchObject({ code: 'TESTING_NOT_CONFORMING', clause })
    const { message, expected, actual } = error as ConformanceError
    expect(message).toContain('command 1 has different results on two machines')
    expect(message).toContain(`The interface says: ${clause}`)
    expect(expected).not.toBe(actual)
  })

  test('keeps what the adapter threw as its cause', async () => {
    const thrown = new Error('out of order')
    const factory = memoryTransports()
    const broken = transportConformance({
      ...factory,
      network: async () => {
        const network = await factory.network()
        return {
          ...network,
          transport: async (id, observer) => {
            const inner = await network.transport(id, observer)
            inner.open = () => Promise.reject(thrown)
            return inner
          },
        }
      },
    })
    await expect(named(broken, 'channels are kept apart').run()).rejects.toMatchObject({
      code: 'TESTING_NOT_CONFORMING',
      cause: thrown,
    })
  })

  test('says so when a frame never arrives, or nothing ever comes back', async () => {
    const factory = memoryTransports()
    const deaf = transportConformance({
      ...factory,
      network: async () => {
        const network = await factory.network()
        return {
          ...network,
          transport: async (id, observer) => {
            const inner = await network.transport(id, observer)
            inner.receive = () => ({ [Symbol.dispose]: () => undefined })
            inner.close = () => new Promise(() => undefined)
            return inner
          },
        }
      },
    })
    await expect(named(deaf, 'bytes that a receiver keeps').run()).rejects.toThrow(
      /1 frames from '.' to '.' on channel 'conformance:probe' did not arrive within 4000 ms, number \d+ of 16 bytes among them; send returned true/,
    )
    await expect(named(deaf, 'closing again').run()).rejects.toThrow(/close of|did not arrive/)
  })
})

describe('abilities', () => {
  const transports: readonly TransportAbility[] = [
    'addresses',
    'bounded',
    'connections',
    'contact',
    'observer',
    'occupied',
    'ordered',
    'reliable',
  ]
  const storages: readonly StorageAbility[] = ['crash', 'damage', 'failure', 'limit', 'lock']

  test('cases that need one which is not claimed are left out, all others are there', () => {
    const factory = memoryTransports()
    expect(abilities(transportConformance(factory))).toEqual(transports)
    expect(abilities(storageConformance(REFERENCE))).toEqual(storages)
    expect(abilities(diskConformance(simulatedDisks()))).toEqual(['crash'])
    for (const without of transports) {
      const supports = transports.filter((ability) => ability !== without)
      expect(abilities(transportConformance({ ...factory, supports }))).toEqual(supports)
    }
    const bare = transportConformance({ ...factory, supports: [] })
    expect(abilities(bare)).toEqual([])
    expect(bare.length).toBeGreaterThan(20)
  })

  test('what a factory claims and cannot do is its own fault, not that of the adapter', async () => {
    const wrong = { code: 'TESTING_INVALID_OPTION' }
    const memory = memoryTransports()
    const network = async (): Promise<object> => ({ ...(await memory.network()), occupied: undefined })
    const claimed = transportConformance({ ...memory, network: network as typeof memory.network })
    await expect(named(claimed, 'may be tried again').run()).rejects.toMatchObject(wrong)

    const unordered = transportConformance({ ...memory, supports: [] })
    await expect(named(unordered, 'nobody receives').run()).rejects.toMatchObject(wrong)

    const disks = simulatedDisks()
    const place = async (): Promise<object> => ({ ...(await disks.place()), crash: undefined })
    const crashless = diskConformance({ ...disks, place: place as typeof disks.place })
    await expect(named(crashless, 'what was synced').run()).rejects.toMatchObject(wrong)

    const storage = storageConformance({
      ...REFERENCE,
      place: async () => ({ storage: (await REFERENCE.place()).storage }),
    })
    for (const part of ['survives a crash', 'a write failed', 'damaged'])
      await expect(named(storage, part).run()).rejects.toMatchObject(wrong)
  })

  test('options out of range are refused at once', () => {
    for (const deadlineMs of [0, -1, Number.NaN]) {
      expect(() => transportConformance({ ...memoryTransports(), deadlineMs })).toThrow(/deadlineMs/)
    }
    expect(() => machineConformance({ machine: () => ({ apply: () => 0 }), commands: [] })).toThrow(
      /commands/,
    )
  })
})

describe('a case', () => {
  test('tidies up also when it convicts, closing transports that it has opened', async () => {
    const network = createMemoryNetwork()
    let closed = 0
    const suite = transportConformance({
      supports: [],
      deadlineMs: 50,
      network: () => ({
        transport: () => network.transport(),
        settle: () => Promise.reject(new Error('convict')),
        close: () => {
          closed += 1
        },
      }),
    })
    // The ids are free again, or the second run could not open them.
    for (let run = 1; run <= 2; run++) {
      await expect(named(suite, 'channels are kept apart').run()).rejects.toThrow('convict')
      expect(closed).toBe(run)
    }
  })

  test('needs no `this`, and runs beside others', async () => {
    const suite = transportConformance(simulatedTransports())
    await Promise.all(suite.slice(0, 8).map(async ({ run }) => await run()))
  })
})
