import { mapModel, type ClientCall, type Model, type Operation, type Workload } from '@colony/testing'
import { RaftError, type Raft } from '../../../src/index.ts'
import type { KvCommand, KvMachine } from '../kv-machine.ts'
import { drawVoters, membersChange } from '../spares.ts'
import { GROUPS, type GroupsRun, type GroupsService } from './groups-run.ts'

type Call = ClientCall<GroupsService, GroupsRun>

const KEYS = ['x', 'y']
const TRY_MS = 1500
/** Part of the operations that change the members of a group, where there is anybody who may become one. */
const CHANGED = 0.03
/** So many operations go to one group before the next has its turn, and the others fall silent. */
const TURN = 12

/** Two clients, who mostly speak with one group at a time. Keys are `group/key`. */
export const groupsWorkload: Workload = {
  clients: 2,
  gapMs: [1, 60],
  next: (random, { count, nodes }) => {
    const turn = random.float() < 0.97 ? Math.floor(count / TURN) : random.integer(0, GROUPS.length - 1)
    if (membersChange(nodes) && nodes.length > 1 && random.float() < CHANGED)
      return { f: 'members', key: `${GROUPS[random.integer(0, GROUPS.length - 1)]}/` }
    const key = `${GROUPS[turn % GROUPS.length]}/${KEYS[random.integer(0, 1)]}`
    const choice = random.float()
    if (choice < 0.3) return { f: 'get', key }
    if (choice < 0.5) return { f: 'peek', key }
    const value = `${count},`
    if (choice < 0.7) return { f: 'put', key, value }
    return choice < 0.95 ? { f: 'append', key, value } : { f: 'delete', key }
  },
}

/** A map, of whose old states a `peek` may see any, and of which changes of members see nothing. */
export function groupsModel(): Model<unknown> {
  const map = mapModel()
  const isOld = ({ f }: Operation): boolean => f === 'peek' || f === 'members'
  return {
    ...map,
    step: (state, operation) => (isOld(operation) ? { legal: true, state } : map.step(state, operation)),
    isPure: (operation) => isOld(operation) || map.isPure?.(operation) === true,
    problem: (operation) => (isOld(operation) ? undefined : map.problem?.(operation)),
    registerAccess: (operation) => (isOld(operation) ? undefined : map.registerAccess?.(operation)),
  }
}

/** What became of an operation that threw. */
export function classifyGroups(error: unknown, { f }: { readonly f: string }): 'fail' | 'unknown' {
  if (f === 'get' || f === 'peek' || f === 'members') return 'fail'
  return error instanceof RaftError && error.outcome === 'rejected' ? 'fail' : 'unknown'
}

/** Carries out one operation. */
export async function performGroups(call: Call): Promise<unknown> {
  const { operation, run, node } = call
  const { f, key: full = '', value } = operation
  const [group = '', key = ''] = full.split('/')
  const state = run.state.of(group)
  const on = <Result>(use: (raft: Raft<KvMachine>) => Promise<Result>): Promise<Result> =>
    node.call(({ rafts }) => {
      const raft = rafts.get(group)
      if (raft === undefined) throw new Error(`${node.id} has no group ${group}`)
      return use(raft)
    })
  if (f === 'members') return await changeMembers(call, on)
  if (f === 'get') {
    return (await on((raft) => raft.read((map) => map.get(key), { timeoutMs: TRY_MS }))).value
  }
  if (f === 'peek') {
    let at = 0
    const read = await on((raft) => {
      at = run.world.now
      return raft.read((map) => map.get(key), { consistency: 'local' })
    })
    state.freshness.read(node.id, at, read.index, read.staleMs)
    return read.value
  }
  const id = call.position
  const command: KvCommand =
    f === 'delete' ? { f, key, id } : { f: f as 'put' | 'append', key, id, value: value as string }
  const applied = await on((raft) => raft.propose(command, { timeoutMs: TRY_MS }))
  state.onAnswer(applied.index, command)
  return applied.value
}

/** Two of three may not be wiped, and of fewer none: there are always three voters or four where disks are. */
async function changeMembers(
  { run, random }: Call,
  on: <Result>(use: (raft: Raft<KvMachine>) => Promise<Result>) => Promise<Result>,
): Promise<null> {
  const { nodes, faults } = run.scenario
  const least = faults.some((step) => step.do === 'wipe') ? 3 : 1
  const voters = drawVoters(random, nodes, least)
  await on(({ members }) => members.set(voters, { timeoutMs: TRY_MS }))
  run.sometimes('members of a group were changed')
  return null
}
