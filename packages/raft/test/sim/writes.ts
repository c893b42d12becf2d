import type { NodeId } from '@colony/host'
import { TestingError, type ClientCall } from '@colony/testing'
import { RaftError, type Applied, type Raft, type RaftSession } from '../../src/index.ts'
import type { KvCommand, KvMachine } from './kv-machine.ts'
import type { RaftRun, Service } from './raft-run.ts'

type Call = ClientCall<Service, RaftRun>

/** How long one try may take, and how long an operation with all its tries. */
export const TRY_MS = 1500
const TRIES_MS = 4000
/** Part of the commands of a session behind which an old copy of the one before comes up again. */
const STRAY = 0.15

/** A session of one simulated client, which goes with it from node to node. */
export interface ClientSession {
  readonly id: number
  /** Number of its last command. */
  last: number
  /** The last one that succeeded. */
  done?: { readonly number: number; readonly command: KvCommand }
}

/** What the simulated clients have opened. */
export class ClientSessions {
  /** By client. */
  readonly numbered: Map<number, ClientSession> = new Map()
  /** Those that count for themselves, of one life of one node. */
  readonly counting: Map<Raft<KvMachine>, RaftSession<KvMachine>> = new Map()
}

/** How an operation ended that did not succeed. */
export class NotDone extends Error {
  readonly outcome: 'fail' | 'unknown'

  constructor(outcome: 'fail' | 'unknown', cause: unknown) {
    super('the operation did not succeed', { cause })
    this.outcome = outcome
  }
}

/** One try of a write. */
interface Attempt {
  readonly make: (raft: Raft<KvMachine>) => Promise<Applied<boolean>>
  /** Whether it is recognised when it is made again, elsewhere. */
  readonly mayRepeat: boolean
}

/** Carries out a write: as it is, under an idempotency key, or as a command of a session; the latter two are tried again, elsewhere, until their outcome is known. */
export async function write(call: Call, command: KvCommand): Promise<unknown> {
  const { run, operation, random } = call
  const { world } = run
  const { make, mayRepeat } = await drawAttempt(call, command)
  const giveUpAt = world.now + TRIES_MS
  for (let target: NodeId = operation.node, tries = 1; ; tries++) {
    try {
      const { value, index } = await world.node(target).call(make)
      run.state.onAnswer(index, command)
      return value
    } catch (error) {
      const outcome = outcomeOf(error)
      if (!mayRepeat || isFinal(error) || world.now > giveUpAt) {
        const isCertain = outcome === 'fail' && tries === 1
        run.sometimes(isCertain ? 'a write was rejected' : 'an outcome stayed unknown')
        throw new NotDone(isCertain ? 'fail' : 'unknown', error)
      }
    }
    run.sometimes('a write was tried again under its key or number')
    await world.sleep(random.integer(10, 200))
    const { nodes } = run.scenario
    target = nodes[random.integer(0, nodes.length - 1)] ?? target
  }
}

async function drawAttempt(call: Call, command: KvCommand): Promise<Attempt> {
  const { operation, random, run } = call
  const choice = random.float()
  const timeoutMs = TRY_MS
  if (choice < 0.35) return { make: (raft) => raft.propose(command, { timeoutMs }), mayRepeat: false }
  if (choice < 0.65) {
    const idempotencyKey = `${operation.process}/${operation.at}`
    return { make: (raft) => raft.propose(command, { timeoutMs, idempotencyKey }), mayRepeat: true }
  }
  const { sessions } = run.state
  if (choice < 0.75) {
    const make = async (raft: Raft<KvMachine>): Promise<Applied<boolean>> => {
      const session = sessions.counting.get(raft) ?? (await raft.session({ timeoutMs }))
      sessions.counting.set(raft, session)
      return await proposeIn(
        call,
        session,
        () => sessions.counting.delete(raft),
        (s) => s.propose(command, { timeoutMs }),
      )
    }
    return { make, mayRepeat: false }
  }
  const client = operation.process
  const session = await sessionOf(call)
  const { id } = session
  const number = ++session.last
  if (random.float() < STRAY) strayCopy(call, session)
  const make = async (raft: Raft<KvMachine>): Promise<Applied<boolean>> => {
    const resumed = await raft.session({ id, timeoutMs })
    const gone = (): boolean => sessions.numbered.get(client)?.id === id && sessions.numbered.delete(client)
    // The client does one thing after the other, so it asks for nothing of before.
    const applied = await proposeIn(call, resumed, gone, (s) =>
      s.propose(command, { number, oldest: number, timeoutMs }),
    )
    session.done = { number, command }
    return applied
  }
  return { make, mayRepeat: true }
}

async function proposeIn(
  { run }: Call,
  session: RaftSession<KvMachine>,
  gone: () => void,
  propose: (session: RaftSession<KvMachine>) => Promise<Applied<boolean>>,
): Promise<Applied<boolean>> {
  try {
    return await propose(session)
  } catch (error) {
    if (error instanceof RaftError && error.code === 'RAFT_SESSION_EXPIRED') {
      run.sometimes('a session expired while its client had more to say')
      gone()
    }
    throw error
  }
}

/** The client's session, opened if it has none. */
async function sessionOf({ operation, node, run }: Call): Promise<ClientSession> {
  const { numbered } = run.state.sessions
  const known = numbered.get(operation.process)
  if (known !== undefined) return known
  try {
    const { id } = await node.call((raft) => raft.session({ timeoutMs: TRY_MS }))
    const session = { id, last: 0 }
    numbered.set(operation.process, session)
    return session
  } catch (error) {
    throw new NotDone('fail', error)
  }
}

/** An old copy of a command that succeeded comes up again, some time later and somewhere: nobody waits for what becomes of it. */
function strayCopy({ run, random }: Call, { id, done }: ClientSession): void {
  if (done === undefined) return
  const { nodes } = run.scenario
  const node = run.world.node(nodes[random.integer(0, nodes.length - 1)] ?? '')
  run.world.schedule(random.integer(1, 100), () => {
    const copy = node.call(async (raft) => {
      const session = await raft.session({ id, timeoutMs: TRY_MS })
      await session.propose(done.command, { number: done.number, timeoutMs: TRY_MS })
    })
    copy.catch(() => undefined)
  })
}

/** Whether it is of no use to try again. */
function isFinal(error: unknown): boolean {
  return error instanceof RaftError && ['RAFT_SESSION_EXPIRED', 'RAFT_RESULT_FORGOTTEN'].includes(error.code)
}

function outcomeOf(error: unknown): 'fail' | 'unknown' {
  if (error instanceof RaftError) return error.outcome === 'rejected' ? 'fail' : 'unknown'
  return error instanceof TestingError && error.code === 'TESTING_NODE_DOWN' ? 'fail' : 'unknown'
}
