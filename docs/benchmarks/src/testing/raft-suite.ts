import { createRaft, logStorage, type Raft } from '@colony/raft'
import { mapModel, type SimulationRun, type Suite } from '@colony/testing'

type Command = { readonly key: string; readonly value: string }

/** A map, the smallest machine that clients can see the order of. */
class MapMachine {
  readonly values = new Map<string, string>()

  apply({ key, value }: Command): null {
    this.values.set(key, value)
    return null
  }
}

const NODES = ['a', 'b', 'c', 'd', 'e']
const KEYS = ['x', 'y', 'z']
const TIMEOUT_MS = 1000
/** As in raft's own suite. */
const SEGMENT_BYTES = 8192

/**
 * Five nodes of the unchanged `createRaft` on its file log, under every kind of fault: ordinary asynchronous code, and much of it. Each of three clients does
 * something about every `gapMs` milliseconds.
 */
function raftSuite(gapMs: readonly [number, number]): Suite<Raft<MapMachine>> {
  return {
    name: `raft, an operation every ${gapMs.join(' to ')} ms`,
    nodes: NODES,
    boot: ({ id, host, disk }) =>
      createRaft({
        ...{ id, members: NODES, host },
        storage: logStorage({
          disk,
          directory: 'raft',
          segmentBytes: SEGMENT_BYTES,
          random: host.random.fork('log'),
        }),
        machine: new MapMachine(),
      }),
    workload: {
      clients: 3,
      gapMs,
      next: (random, { count }) => {
        const key = KEYS[random.integer(0, KEYS.length - 1)] ?? 'x'
        return random.float() < 0.5 ? { f: 'get', key } : { f: 'put', key, value: String(count) }
      },
    },
    perform: async ({ node, operation: { f, key = '', value } }) => {
      const options = { timeoutMs: TIMEOUT_MS }
      return await node.call(async (raft) => {
        if (f === 'get') return (await raft.read((machine) => machine.values.get(key) ?? null, options)).value
        return (await raft.propose({ key, value: String(value) }, options)).value
      })
    },
    model: mapModel(),
    // The calm clients try 15 things in a run, which one unlucky partition can spoil: the benchmark counts time, and raft's own suite judges progress.
    leastOk: 0,
    serving,
  }
}

/** The nodes of a core that can speak with whoever leads: the others depend on it, where it leads from outside. */
function serving({ world }: SimulationRun<Raft<MapMachine>>, core: readonly string[]): readonly string[] {
  const leaders = world.nodes.map(({ state, service }) => (state === 'up' ? service?.status() : undefined))
  const leading = leaders.filter((status) => status?.role === 'leader')
  const leader = leading.toSorted((left, right) => (right?.term ?? 0) - (left?.term ?? 0))[0]?.id
  if (leader === undefined) return core
  const { network } = world
  return core.filter((id) => network.connected(leader, id) && network.connected(id, leader))
}

/** As busy as raft's own suite. */
export const busySuite: Suite<Raft<MapMachine>> = raftSuite([10, 100])
/** A service that is mostly idle. */
export const calmSuite: Suite<Raft<MapMachine>> = raftSuite([1000, 3000])
