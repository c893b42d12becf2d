import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeId, Random } from '@colony/host'
import { machineClock } from '@colony/testing/node'
import type { RaftErrorCode } from '../../src/index.ts'
import type { Command } from './journal-machine.ts'
import { drawOperation } from './operator.ts'
import type { Answer, ReadDemand, Request } from './protocol.ts'
import { NoAnswer, type RealCluster } from './real-cluster.ts'
import type { Records } from './record.ts'

/** How long a node tries, how much longer its answer may take on a busy machine, and how long an operation with all its tries. */
const TRY_MS = 1000
const GRACE_MS = 1500
const TRIES_MS = 15_000
const OPERATED = 0.01
/** Operations on one set of keys: few enough that any history of them can be searched. */
const OPERATIONS_PER_KEYS = 150
const KEYS = ['x', 'y', 'z']

/** What a node may answer in the middle of faults. Anything else is a failure of its own. */
const EXPECTED: readonly RaftErrorCode[] = [
  'RAFT_NO_LEADER',
  'RAFT_OUTCOME_UNKNOWN',
  'RAFT_OVERLOADED',
  'RAFT_READ_TIMEOUT',
  'RAFT_TOO_STALE',
  'RAFT_MEMBERS_REPLACED',
  'RAFT_MEMBERS_REFUSED',
  'RAFT_MEMBERS_TIMEOUT',
  'RAFT_TRANSFER_FAILED',
  'RAFT_TRANSFER_REFUSED',
]

/** What all clients of a round share. */
export interface Work {
  readonly cluster: RealCluster
  readonly records: Records
  /** Begins the names of keys. */
  readonly round: string
  /** Told of answers that should not be. */
  readonly wrong: (problem: string) => void
  /** Counts what is no operation of the history: `members ok`. */
  readonly count: (what: string) => void
  /** Operations that were begun by all clients. */
  begun: number
}

/** One client: does one thing after the other, at any node, and notes what came of it. */
export class Client {
  readonly #name: string
  readonly #work: Work
  readonly #random: Random
  #writes = 0
  /** Index of the last write of this client that was acknowledged. */
  #lastIndex = 0

  constructor(name: string, work: Work, random: Random) {
    this.#name = name
    this.#work = work
    this.#random = random
  }

  /** Works until `running` says no. */
  async run(running: () => boolean): Promise<void> {
    while (running()) {
      await sleep(this.#random.integer(1, 10))
      await this.#next()
    }
  }

  /** Writes and reads at one node until both have succeeded there, or `signal` aborts. */
  async prove(node: NodeId, signal: AbortSignal): Promise<void> {
    const key = `${this.#work.round}.end.${node}`
    for (;;) {
      signal.throwIfAborted()
      if ((await this.#write('put', key, node, true)) !== 'ok') continue
      if ((await this.#read('get', key, node)) === 'ok') return
    }
  }

  async #next(): Promise<void> {
    const random = this.#random
    const node = this.#anyNode()
    if (random.float() < OPERATED) return await this.#operate(node)
    const generation = Math.floor(this.#work.begun++ / OPERATIONS_PER_KEYS)
    const key = `${this.#work.round}.${generation}.${KEYS[random.integer(0, KEYS.length - 1)] ?? 'x'}`
    const choice = random.float()
    if (choice < 0.2) await this.#read('get', key, node)
    else if (choice < 0.32) await this.#read('lease', key, node)
    else if (choice < 0.4) await this.#read('peek', key, node)
    else if (choice < 0.46) await this.#read('bounded', key, node)
    else if (choice < 0.52) await this.#read('after', key, node)
    else if (choice < 0.72) await this.#write('put', key, node, random.float() < 0.5)
    else if (choice < 0.95) await this.#write('append', key, node, random.float() < 0.5)
    else await this.#write('delete', key, node, random.float() < 0.5)
  }

  async #read(f: string, key: string, node: NodeId): Promise<'ok' | 'fail'> {
    const demand = this.#demandOf(f)
    const end = this.#work.records.begin({ process: this.#name, f, key, demand })
    try {
      const answer = await this.#call(node, { do: 'read', key, demand, timeoutMs: TRY_MS })
      const { value: result, index = 0, staleMs = null } = answer
      end('ok', { result, index, staleMs, node })
      return 'ok'
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      // A read that failed has told nobody anything.
      end('fail')
      return 'fail'
    }
  }

  #demandOf(f: string): ReadDemand {
    switch (f) {
      case 'lease':
        return { consistency: 'lease' }
      case 'peek':
        return { consistency: 'local' }
      case 'after':
        return { consistency: 'local', after: this.#lastIndex }
      case 'bounded':
        return { consistency: 'bounded', maxStalenessMs: this.#random.integer(1, 1000) }
      default:
        return { consistency: 'linearizable' }
    }
  }

  /** With a key it is tried again, elsewhere, until its outcome is known; without one only as long as it certainly did not happen. */
  async #write(
    f: Command['f'],
    key: string,
    first: NodeId,
    keyed: boolean,
  ): Promise<'ok' | 'fail' | 'unknown'> {
    const id = `${this.#name}-${++this.#writes}`
    const command: Command = f === 'delete' ? { f, id, key } : { f, id, key, value: `${id},` }
    const value = 'value' in command ? command.value : undefined
    const end = this.#work.records.begin({
      ...{ process: this.#name, f, key, id },
      ...(value !== undefined && { value }),
    })
    const identity = keyed ? { idempotencyKey: id } : {}
    const giveUpAt = machineClock.now() + TRIES_MS
    let maybe = false
    for (let node = first; ; node = this.#anyNode()) {
      try {
        const answer = await this.#call(node, { do: 'propose', command, ...identity, timeoutMs: TRY_MS })
        const { value: result, index = 0 } = answer
        this.#lastIndex = index
        end('ok', { result, index, node })
        return 'ok'
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        if (error.outcome === 'unknown') maybe = true
        if ((maybe && !keyed) || machineClock.now() > giveUpAt) {
          const outcome = maybe ? 'unknown' : 'fail'
          end(outcome)
          return outcome
        }
      }
      this.#work.count('write tried again')
      await sleep(this.#random.integer(10, 200))
    }
  }

  async #operate(node: NodeId): Promise<void> {
    const { kind, request } = drawOperation(this.#random, this.#work.cluster.ids)
    try {
      await this.#call(node, request)
      this.#work.count(`${kind} ok`)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      this.#work.count(`${kind} failed`)
    }
  }

  async #call(node: NodeId, request: Request): Promise<Answer> {
    const patience = 'timeoutMs' in request ? request.timeoutMs : TRY_MS
    try {
      return await this.#work.cluster.call(node, request, patience + GRACE_MS)
    } catch (error) {
      const refusal = error instanceof NoAnswer ? error.refusal : undefined
      if (refusal !== undefined && !EXPECTED.includes(refusal.code)) {
        this.#work.wrong(`${node} answers ${request.do} with ${refusal.code}: ${refusal.message}`)
      }
      throw error
    }
  }

  #anyNode(): NodeId {
    const { ids } = this.#work.cluster
    return ids[this.#random.integer(0, ids.length - 1)] ?? ''
  }
}
