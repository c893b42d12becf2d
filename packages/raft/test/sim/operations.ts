import { mapModel, type ClientCall, type Model, type Operation, type Workload } from '@colony/testing'
import type { ReadOptions } from '../../src/index.ts'
import { drawOperator, OPERATORS, operate } from './member-operations.ts'
import type { RaftRun, Service } from './raft-run.ts'
import { NotDone, TRY_MS, write } from './writes.ts'

type Call = ClientCall<Service, RaftRun>

const KEYS = ['x', 'y', 'z', 'w']
/** Reads that may see an older state; how old is the matter of a rule of its own. */
const OLD_READS: readonly string[] = ['peek', 'bounded', 'after']
/** Part of the operations that those do who run a cluster. */
const OPERATED = 0.02

/** Every read. */
const READS: readonly string[] = ['get', 'lease', ...OLD_READS]

/**
 * Four clients, each of which does one thing after the other. Of the reads, `get` and `lease` are linearizable, `peek` and `after` see a node's own state, the latter once it holds
 * the write that completed last.
 */
export const workload: Workload = {
  clients: 4,
  gapMs: [1, 60],
  next: (random, { count, nodes }) => {
    if (random.float() < OPERATED) return { f: drawOperator(random, nodes) }
    const key = KEYS[random.integer(0, KEYS.length - 1)] ?? 'x'
    const choice = random.float()
    if (choice < 0.2) return { f: 'get', key }
    if (choice < 0.35) return { f: 'lease', key }
    if (choice < 0.5) return { f: OLD_READS[random.integer(0, OLD_READS.length - 1)] ?? 'peek', key }
    const value = `${count},`
    if (choice < 0.7) return { f: 'put', key, value }
    return choice < 0.95 ? { f: 'append', key, value } : { f: 'delete', key }
  },
}

/** A map, of whose old states some reads may see any, and of which operators see nothing. */
export function raftModel(): Model<unknown> {
  const map = mapModel()
  const isOld = ({ f }: Operation): boolean => OLD_READS.includes(f) || OPERATORS.includes(f)
  const plain = (operation: Operation): Operation =>
    operation.f === 'lease' ? { ...operation, f: 'get' } : operation
  return {
    ...map,
    step: (state, operation) =>
      isOld(operation) ? { legal: true, state } : map.step(state, plain(operation)),
    isPure: (operation) => isOld(operation) || map.isPure?.(plain(operation)) === true,
    problem: (operation) => (isOld(operation) ? undefined : map.problem?.(plain(operation))),
    registerAccess: (operation) => (isOld(operation) ? undefined : map.registerAccess?.(plain(operation))),
  }
}

/** What became of an operation that threw. A read that failed has told nobody anything. */
export function classify(error: unknown, { f }: { readonly f: string }): 'fail' | 'unknown' {
  if (READS.includes(f) || OPERATORS.includes(f)) return 'fail'
  return error instanceof NotDone ? error.outcome : 'unknown'
}

/** Carries out one operation. */
export function perform(call: Call): Promise<unknown> {
  const { f, key = 'x', value } = call.operation
  switch (f) {
    case 'get':
      return read(call, key)
    case 'lease':
      return leaseRead(call, key)
    case 'peek':
      return oldRead(call, key, { consistency: 'local' })
    case 'bounded':
      return boundedRead(call, key)
    case 'after':
      return readAfter(call, key)
    case 'put':
    case 'append':
      return write(call, { f, key, id: call.position, value: value as string, padding: padding(call) })
    case 'delete':
      return write(call, { f, key, id: call.position })
    default:
      return operate(call)
  }
}

async function read({ node }: Call, key: string): Promise<string | null> {
  const { value } = await node.call((raft) => raft.read((map) => map.get(key), { timeoutMs: TRY_MS }))
  return value
}

/** As linearizable as any `get`, as long as clocks keep to what was declared; where that can't be, it is one. */
async function leaseRead({ node, run }: Call, key: string): Promise<string | null> {
  const consistency = run.state.maxClockDrift === undefined ? 'linearizable' : 'lease'
  let at = 0
  const { value } = await node.call((raft) => {
    at = run.world.now
    return raft.read((map) => map.get(key), { consistency, timeoutMs: TRY_MS })
  })
  if (consistency === 'linearizable') return value
  const atOnce = run.world.now === at
  run.sometimes(
    atOnce ? 'a leader answered under its lease' : 'a lease read waited for a round or for the leader',
  )
  return value
}

/** Half of them ask for less than a heartbeat can prove. */
async function boundedRead(call: Call, key: string): Promise<string | null> {
  const { run, random } = call
  const maxStalenessMs = random.integer(1, random.float() < 0.5 ? 50 : 1000)
  const began = run.world.now
  const value = await oldRead(call, key, { consistency: 'bounded', maxStalenessMs })
  const atOnce = run.world.now === began
  run.sometimes(
    atOnce ? 'a bounded read was answered at once' : 'a bounded read waited for something fresher',
  )
  return value
}

/** Sees the write that completed last, wherever it was made. */
async function readAfter(call: Call, key: string): Promise<string | null> {
  const { run } = call
  const began = run.world.now
  const value = await oldRead(call, key, { consistency: 'local', after: run.state.freshness.lastIndex })
  if (run.world.now > began) run.sometimes('a read waited for an index')
  return value
}

async function oldRead({ node, run }: Call, key: string, asked: ReadOptions): Promise<string | null> {
  let at = 0
  const { value, index, staleMs } = await node.call((raft) => {
    at = run.world.now
    return raft.read((map) => map.get(key), { ...asked, timeoutMs: TRY_MS })
  })
  const { freshness } = run.state
  freshness.read(node.id, at, index, staleMs)
  freshness.asked(node.id, index, staleMs, asked)
  return value
}

/** Some commands are longer than the sectors of a disk, so that a crash can leave a part of them. */
function padding({ random }: Call): string {
  return random.float() < 0.2 ? '.'.repeat(random.integer(500, 3000)) : ''
}
