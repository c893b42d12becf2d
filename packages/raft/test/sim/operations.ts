import type { NodeId, Random } from '@colony/host'
import {
  mapModel,
  TestingError,
  type ClientCall,
  type Model,
  type Operation,
  type Workload,
} from '@colony/testing'
import { RaftError } from '../../src/index.ts'
import type { KvCommand } from './kv-machine.ts'
import type { RaftRun, Service } from './raft-run.ts'

type Call = ClientCall<Service, RaftRun>

const KEYS = ['x', 'y', 'z', 'w']
/** How long one try may take, and how long an operation with all its tries. */
const TRY_MS = 1500
const TRIES_MS = 4000

/** Four clients, each of which does one thing after the other. `peek` is a read of a node's own state. */
export const workload: Workload = {
  clients: 4,
  gapMs: [1, 60],
  next: (random, { count }) => {
    const key = KEYS[random.integer(0, KEYS.length - 1)] ?? 'x'
    const choice = random.float()
    if (choice < 0.35) return { f: 'get', key }
    if (choice < 0.5) return { f: 'peek', key }
    const value = `${count},`
    if (choice < 0.7) return { f: 'put', key, value }
    return choice < 0.95 ? { f: 'append', key, value } : { f: 'delete', key }
  },
}

/** A map, of whose old states `peek` may see any; how old is the matter of a rule of its own. */
export function raftModel(): Model<unknown> {
  const map = mapModel()
  const isPeek = ({ f }: Operation): boolean => f === 'peek'
  return {
    ...map,
    step: (state, operation) => (isPeek(operation) ? { legal: true, state } : map.step(state, operation)),
    isPure: (operation) => isPeek(operation) || map.isPure?.(operation) === true,
    problem: (operation) => (isPeek(operation) ? undefined : map.problem?.(operation)),
    registerAccess: (operation) => (isPeek(operation) ? undefined : map.registerAccess?.(operation)),
  }
}

/** How an operation ended that did not succeed. */
class NotDone extends Error {
  readonly outcome: 'fail' | 'unknown'

  constructor(outcome: 'fail' | 'unknown', cause: unknown) {
    super('the operation did not succeed', { cause })
    this.outcome = outcome
  }
}

/** What became of an operation that threw. A read that failed has told nobody anything. */
export function classify(error: unknown, { f }: { readonly f: string }): 'fail' | 'unknown' {
  if (f === 'get' || f === 'peek') return 'fail'
  return error instanceof NotDone ? error.outcome : 'unknown'
}

/** Carries out one operation. */
export function perform(call: Call): Promise<unknown> {
  const { f, key = 'x', value } = call.operation
  switch (f) {
    case 'get':
      return read(call, key)
    case 'peek':
      return peek(call, key)
    case 'put':
    case 'append':
      return write(call, { f, key, value: value as string, padding: padding(call) })
    default:
      return write(call, { f: 'delete', key })
  }
}

async function read({ node }: Call, key: string): Promise<string | null> {
  const { value } = await node.call((raft) => raft.read((map) => map.get(key), { timeoutMs: TRY_MS }))
  return value
}

async function peek({ node, run }: Call, key: string): Promise<string | null> {
  let at = 0
  const { value, index, staleMs } = await node.call((raft) => {
    at = run.world.now
    return raft.read((map) => map.get(key), { consistency: 'local' })
  })
  run.state.freshness.read(node.id, at, index, staleMs)
  return value
}

/** Half of the writes have an idempotency key and are tried again, elsewhere, until their outcome is known. */
async function write(call: Call, command: KvCommand): Promise<unknown> {
  const { run, operation, random } = call
  const { world } = run
  const keyed = random.float() < 0.5 ? { idempotencyKey: `${operation.process}/${operation.at}` } : undefined
  const giveUpAt = world.now + TRIES_MS
  for (let target: NodeId = operation.node, tries = 1; ; tries++) {
    try {
      const { value, index } = await world
        .node(target)
        .call((raft) => raft.propose(command, { timeoutMs: TRY_MS, ...keyed }))
      run.state.onAnswer(index, command)
      return value
    } catch (error) {
      const outcome = outcomeOf(error)
      if (keyed === undefined || world.now > giveUpAt) {
        const isCertain = outcome === 'fail' && tries === 1
        run.sometimes(isCertain ? 'a write was rejected' : 'an outcome stayed unknown')
        throw new NotDone(isCertain ? 'fail' : 'unknown', error)
      }
    }
    run.sometimes('a write was tried again under its key')
    await world.sleep(random.integer(10, 200))
    target = anyOf(run.scenario.nodes, random)
  }
}

/** Some commands are longer than the sectors of a disk, so that a crash can leave a part of them. */
function padding({ random }: Call): string {
  return random.float() < 0.2 ? '.'.repeat(random.integer(500, 3000)) : ''
}

function outcomeOf(error: unknown): 'fail' | 'unknown' {
  if (error instanceof RaftError) return error.outcome === 'rejected' ? 'fail' : 'unknown'
  return error instanceof TestingError && error.code === 'TESTING_NODE_DOWN' ? 'fail' : 'unknown'
}

function anyOf(nodes: readonly NodeId[], random: Random): NodeId {
  return nodes[random.integer(0, nodes.length - 1)] ?? ''
}
