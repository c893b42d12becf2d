import type { NodeId, Random } from '@colony/host'
import { generateFaults, type FaultStep, type GeneratedFault } from '@colony/testing'
import { SLOWEST, tameClocks } from './clock-drift.ts'
import { drawVoters, foundersOf, membersChange } from './spares.ts'

/**
 * Points of the code where faults may wait: a node begins to write entries, one of them a membership, its term and vote alone, or a snapshot; or it begins to give
 * its machine the state of a snapshot that it was sent.
 */
export type Point = 'write' | 'members' | 'vote' | 'snapshot' | 'restore'

/** A disk is replaced by an empty one, and the node is back after a while. */
export type WipeStep = Extract<FaultStep, { readonly do: 'wipe' }> & { readonly forMs: number }

/** In this time a group is founded, in nearly every run; and in every one, however slow its disks are. */
const FOUNDING_MS = 1000
const LONGEST_FOUNDING_MS = 1500

const POINTS: readonly Point[] = ['write', 'members', 'vote', 'snapshot']

/** What a leader leaves behind in the middle of its work, and a node in the middle of a write, is where consensus goes wrong. */
const WEIGHTS: Partial<Record<GeneratedFault, number>> = {
  hunt: 0.75,
  ambush: 0.6,
  'disk-failure': 0.25,
  'disk-full': 0.15,
}

/** What goes wrong. */
export function drawFaults(
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  // For one seed in four, more than a minority may be away at once, up to all: nothing works then, and nothing may be lost.
  const wiped = wipes(random.fork('wipes'), nodes, durationMs)
  const startMs = drawStart(random.fork('founding'), wiped)
  const most = random.fork('most').float() < 0.25 ? { maxDown: nodes.length } : {}
  const swarm = generateFaults({
    random: random.fork('swarm'),
    nodes,
    // Longer than the run, so that some last: a core must work while they do.
    durationMs: 1.25 * durationMs,
    startMs,
    roles: ['leader'],
    points: POINTS,
    weights: WEIGHTS,
    ...most,
  })
  const faults = [
    ...slowDisks(random.fork('disks'), nodes),
    ...swarm,
    ...fillDisks(random.fork('full disks'), nodes, durationMs),
    ...isolateSlowLeaders(random.fork('slow leaders'), nodes, durationMs),
    ...bounce(random.fork('bounce'), nodes, durationMs),
    ...interruptChanges(random.fork('changes'), nodes, durationMs),
    ...wiped,
    ...divideChanges(random.fork('divided changes'), nodes, durationMs),
    ...slowClocks(random.fork('slow clocks'), nodes, durationMs),
    ...interruptSnapshots(random.fork('snapshots'), durationMs),
  ]
  const begun = faults.filter(({ at, do: what }) => at === 0 || at >= startMs || what === 'wipe')
  // Else leases could not be tried in a seed whose clocks drift.
  return random.fork('clocks').float() < 0.5 ? tameClocks(begun) : begun
}

/**
 * When faults begin. A group is founded by all of its founders: where something is wrong with one of them all the time that takes as long, and nothing else happens. So mostly it is given time,
 * and always where it waits for all of them however long that takes, which it does where disks are wiped.
 */
function drawStart(random: Random, wiped: readonly WipeStep[]): number {
  if (wiped.length === 0) return random.float() < 0.8 ? FOUNDING_MS : 0
  return startAfterFounding(wiped, LONGEST_FOUNDING_MS)
}

/** When a group is founded that waits for all founders, and takes `foundingMs` once all are there: whoever is wiped before has to be back first. */
export function startAfterFounding(wiped: readonly WipeStep[], foundingMs: number): number {
  return wiped
    .toSorted((a, b) => a.at - b.at)
    .reduce(
      (start, { at, forMs }) => (at < start ? Math.max(start, at + forMs + foundingMs) : start),
      foundingMs,
    )
}

/** One seed in three has disks that are slower than the network, so that answers and even commits overtake them. */
function slowDisks(random: Random, nodes: readonly NodeId[]): readonly FaultStep[] {
  if (random.float() > 0.33) return []
  const change = { slowdown: random.integer(5, 100) }
  return nodes.map((node) => ({ at: 0, do: 'disk', node, change }))
}

/** A disk is full for a while, and then has room again: the node is to stay, and to go on. */
function fillDisks(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  return drawTimes(random, durationMs, [1000, 4000]).map((at): FaultStep => {
    const node = random.float() < 0.5 ? '@leader' : (nodes[random.integer(0, nodes.length - 1)] ?? '')
    const freeBytes = random.float() < 0.5 ? 0 : random.integer(0, 20_000)
    return { at, do: 'disk', node, change: { freeBytes }, forMs: random.integer(200, 2500) }
  })
}

/** A leader whose disk has got slow is cut off for a while: what waits to be written is partly everybody's and partly its own, which will be dropped. */
function isolateSlowLeaders(
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  const node = '@leader'
  return drawTimes(random, durationMs, [1000, 4000]).flatMap((at): FaultStep[] => {
    const slowdown = random.integer(1000, 6000)
    const cutAt = at + random.integer(10, 300)
    return [
      { at, do: 'disk', node, change: { slowdown }, forMs: random.integer(500, 2000) },
      { at: cutAt, do: 'partition', groups: [[node], nodes], forMs: random.integer(200, 1500) },
    ]
  })
}

/** A process that dies again and again soon after it was started: answers to its earlier lives still come. */
function bounce(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  return drawTimes(random, durationMs, [500, 4000]).flatMap((from) => {
    const node = nodes[random.integer(0, nodes.length - 1)] ?? ''
    const lifeMs = random.integer(50, 400)
    return Array.from({ length: random.integer(2, 5) }, (_, life): FaultStep => {
      return { at: from + life * lifeMs, do: 'crash', node, power: false, forMs: random.integer(1, 10) }
    })
  })
}

/**
 * Disks of less than a quorum are replaced by empty ones, each once: of as few as any voters can lose. Some before anybody has written anything, some while the node is missed, and some when it was just
 * brought back.
 */
export function wipes(random: Random, nodes: readonly NodeId[], durationMs: number): readonly WipeStep[] {
  if (random.float() > 0.2) return []
  const founders = foundersOf(nodes)
  const most = membersChange(nodes) ? 1 : Math.floor((founders.length - 1) / 2)
  const left = [...nodes]
  return Array.from({ length: most }, (): WipeStep => {
    const node = left.splice(random.integer(0, left.length - 1), 1)[0] ?? ''
    const at = random.float() < 0.25 ? random.integer(1, 1500) : random.integer(1, durationMs)
    return { at, do: 'wipe', node, forMs: random.integer(1, random.float() < 0.5 ? 50 : 2000) }
  })
}

/** Leaders die in the middle of changes of members: whoever is next has to find what was begun, and end it. */
function interruptChanges(
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  if (!membersChange(nodes)) return []
  return drawTimes(random, durationMs, [500, 3000]).map((at): FaultStep => {
    const forMs = random.integer(100, 1500)
    const then = { do: 'crash', node: '@here', power: random.float() < 0.5, forMs } as const
    const delayMs = random.float() < 0.3 ? 0 : random.integer(0, 20)
    // oxlint-disable-next-line unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function
    return { at, do: 'arm', point: 'members', node: '@leader', delayMs, then }
  })
}

/**
 * The network falls apart in the middle of a change of members: some may then be a majority of the voters that come or go, and none of the others; and what a
 * leader has just appended may be in its log alone, and cut off when it is back.
 */
function divideChanges(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  if (!membersChange(nodes)) return []
  // In most of these seeds: what goes wrong in a change shows only where nodes that do not hear of each other decide both.
  return drawTimes(random, durationMs, [500, 3000], 0.3).map((at): FaultStep => {
    const some = drawVoters(random, nodes)
    const others = nodes.filter((node) => !some.includes(node))
    const groups = random.float() < 0.3 ? [['@here'], nodes] : [some, others]
    const then = { do: 'partition', groups, forMs: random.integer(300, 2000) } as const
    // The first entry of a change makes learners, the next is joint, the last ends it.
    const skip = random.integer(0, 2)
    const delayMs = random.integer(0, 30)
    // oxlint-disable-next-line unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function
    return { at, do: 'arm', point: 'members', node: '@leader', skip, delayMs, then }
  })
}

/**
 * The clock of a leader goes as slowly as any may, and then the leader is cut off: whoever follows it is patient by a faster clock, so that it holds its lease
 * for longer than they wait, but for what was declared.
 */
function slowClocks(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  const node = '@leader'
  return drawTimes(random, durationMs, [1000, 3000]).flatMap((at): FaultStep[] => {
    const cutAt = at + random.integer(50, 500)
    return [
      { at, do: 'clock', node, rate: SLOWEST, forMs: 2500 },
      { at: cutAt, do: 'partition', groups: [[node], nodes], forMs: random.integer(500, 1500) },
    ]
  })
}

/** Leaders die when somebody takes their snapshot: whoever leads next may have all the entries in its log, which then come while the machine is being restored. */
function interruptSnapshots(random: Random, durationMs: number): readonly FaultStep[] {
  return drawTimes(random, durationMs, [500, 3000]).map((at): FaultStep => {
    const point: Point = random.float() < 0.7 ? 'restore' : 'snapshot'
    const then = { do: 'crash', node: '@leader', power: false, forMs: random.integer(100, 1500) } as const
    // oxlint-disable-next-line unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function
    return { at, do: 'arm', point, delayMs: random.integer(0, 100), then }
  })
}

/** Times with gaps around a mean that is drawn; none at all for seven seeds in ten, or as many as `none` says. */
function drawTimes(
  random: Random,
  durationMs: number,
  meanMs: readonly [number, number],
  none = 0.7,
): readonly number[] {
  const times: number[] = []
  if (random.float() < none) return times
  const gapMs = random.integer(...meanMs)
  for (let at = random.integer(1, gapMs); at < durationMs; at += random.integer(1, 2 * gapMs)) times.push(at)
  return times
}
