import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '@colony/host'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkLinearizable, type FaultStep, History, registerModel } from '../../../src/index.ts'
import {
  createProcessNode,
  createProxyNetwork,
  createRealNemesis,
  machineClock,
  type ProcessNode,
  type ProxyNetwork,
  type RealNemesis,
  type RealProcess,
} from '../../../src/node/index.ts'
import { eventually, groupOfTest, LOADER } from './processes.ts'
import type { Listening, RegisterConfig } from './register-program.ts'
import { ask } from './register-protocol.ts'

const NODES = ['a', 'b', 'c']
const LEAST_OK = 30
const PROGRAM = new URL('./register-program.ts', import.meta.url)

type RegisterProcess = RealProcess<RegisterConfig, Listening>

/** A register on three real processes, and what clients of it asked and got. */
interface RealRegister {
  readonly network: ProxyNetwork
  readonly nemesis: RealNemesis
  readonly history: History
  read(client: number, node: string): Promise<unknown>
  write(client: number, node: string, value: number): Promise<unknown>
}

async function registerOfTest(options: {
  readonly localReads: boolean
  readonly timeoutMs: number
}): Promise<RealRegister> {
  const group = await groupOfTest()
  const network = await createProxyNetwork(NODES, { random: createRandom(1) })
  onTestFinished(async () => await network.close())
  const addresses = new Map<string, string>()
  const startNode = async (id: string): Promise<ProcessNode<RegisterProcess>> =>
    await createProcessNode(async () => {
      const started = group.start<RegisterConfig, Listening>(PROGRAM, { name: id, nodeOptions: LOADER })
      const peers = Object.values(network.addressesFor(id))
      started.send({ id, peers, file: join(group.directory, id), localReads: options.localReads })
      const { address } = await started.hear((message) => message, { what: 'where it listens' })
      addresses.set(id, address)
      network.attach(id, address)
      return started
    })
  const nodes = Object.fromEntries(
    await Promise.all(NODES.map(async (id) => [id, await startNode(id)] as const)),
  )
  const history = new History(machineClock)
  const client = async (
    process: number,
    node: string,
    f: 'read' | 'write',
    value?: number,
  ): Promise<unknown> => {
    const request = f === 'read' ? ({ do: 'read' } as const) : ({ do: 'write', value } as const)
    const work = async (): Promise<unknown> => {
      const { version } = await ask(addresses.get(node) ?? '', request, options.timeoutMs)
      return f === 'read' ? version.value : undefined
    }
    return await history.record(
      { process, f, ...(value !== undefined && { value }) },
      work,
      whetherItHappened,
    )
  }
  return {
    network,
    nemesis: createRealNemesis({ nodes, network, roles: () => ({ writer: 'a' }) }),
    history,
    read: async (process, node) => await client(process, node, 'read'),
    write: async (process, node, value) => await client(process, node, 'write', value),
  }
}

/** Who was refused has said nothing; of every other failure nobody knows how far it came. */
function whetherItHappened(error: unknown): 'fail' | 'unknown' {
  return (error as { readonly code?: unknown }).code === 'ECONNREFUSED' ? 'fail' : 'unknown'
}

const FAULTS: readonly FaultStep[] = [
  { at: 0, do: 'network', from: 'b', change: { minLatencyMs: 2, meanLatencyMs: 10 } },
  { at: 100, do: 'crash', node: '@writer', forMs: 200 },
  { at: 300, do: 'pause', node: 'b', forMs: 500 },
  { at: 1100, do: 'partition', groups: [['a'], ['b', 'c']], forMs: 400 },
  { at: 1300, do: 'crash', node: 'c' },
  { at: 1500, do: 'restart', node: 'c' },
  { at: 1700, do: 'cut', links: [['b', 'a']], forMs: 300 },
]

async function load(
  register: RealRegister,
  process: number,
  random: Random,
  running: () => boolean,
): Promise<void> {
  for (let count = 0; running(); count++) {
    // Refusals come at once: without a pause a client would do nothing else while a node is down.
    await sleep(random.integer(1, 10))
    const node = NODES[random.integer(0, NODES.length - 1)] ?? 'a'
    if (random.integer(0, 1) === 0) await register.read(process, node)
    else await register.write(process, node, process * 100_000 + count)
  }
}

describe('a register on three real processes', () => {
  test(
    'is linearizable through kill -9, SIGSTOP, partitions, one-way cuts and delays',
    { timeout: 60_000 },
    async () => {
      const register = await registerOfTest({ localReads: false, timeoutMs: 400 })
      const random = createRandom(7)
      let running = true
      const clients = [1, 2, 3].map(async (process) => {
        await load(register, process, random.fork(`client ${process}`), () => running)
      })
      try {
        await register.nemesis.run(FAULTS)
        await register.nemesis.mend()
        // However slow this machine is: what has not been asked shows nothing.
        await eventually('enough operations', () => register.history.counts.ok >= LEAST_OK)
      } finally {
        running = false
        await Promise.all(clients)
      }
      // The last value must be found on every node, also on those that were away.
      for (const node of NODES) while ((await register.read(4, node)) === undefined);
      const { operations } = register.history
      const { verdict } = checkLinearizable(registerModel(), operations)
      expect(verdict).toBe('ok')
      const { steps } = register.nemesis
      expect(steps.filter(({ skipped }) => skipped === undefined).map(({ step }) => step.do)).toEqual(
        expect.arrayContaining([
          'network',
          'crash',
          'restart',
          'pause',
          'resume',
          'partition',
          'heal',
          'cut',
        ]),
      )
      expect(steps[1]?.step).toMatchObject({ do: 'crash', node: 'a' })
    },
  )

  test('is convicted when its reads ask nobody', { timeout: 60_000 }, async () => {
    const register = await registerOfTest({ localReads: true, timeoutMs: 20_000 })
    await register.write(1, 'a', 1)
    await register.nemesis.perform({ at: 0, do: 'partition', groups: [['a', 'b'], ['c']] })
    await register.write(1, 'a', 2)
    await register.read(2, 'c')
    const { operations } = register.history
    expect(operations.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
    const { verdict, witness } = checkLinearizable(registerModel(), operations)
    expect(verdict).toBe('illegal')
    expect(witness).toBeDefined()
  })
})
