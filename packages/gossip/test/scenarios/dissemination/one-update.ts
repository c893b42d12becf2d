import { Cluster } from '../cluster.ts'

/** How one piece of news went through a cluster of real cores. */
export interface UpdateSpread {
  /** Gossip intervals until 99 in 100 knew it. */
  readonly nearlyAll: number
  /** Gossip intervals until everybody knew it. */
  readonly all: number
}

/** Settled, and then this long without news. */
const QUIET_MS = 20_000

/** Lets members of a settled cluster move, one after the other, and counts the intervals of the gossip tick until all others have heard of each. */
export function spreadUpdates(members: number, seed: number, updates: number): readonly UpdateSpread[] {
  const heard = new Set<string>()
  const cluster = new Cluster({
    seed,
    onEvent: (node, { type }) => {
      if (type === 'move') heard.add(node.id)
    },
  })
  const { net, timing } = cluster
  cluster.start(members)
  cluster.untilWhole(60_000)
  net.run(QUIET_MS)
  return Array.from({ length: updates }, (_, index) => {
    heard.clear()
    const start = net.now
    const mover = cluster.nodes[(index * 7919) % members]
    // Nobody is found there: but probes go by id here.
    if (mover !== undefined) net.input(mover, { type: 'address', address: `${mover.id}#${index}` })
    const after = (part: number): number => {
      net.runUntil('all have heard', () => heard.size >= part * (members - 1), 60_000, 1)
      return (net.now - start) / timing.gossipIntervalMs
    }
    const spread = { nearlyAll: after(0.99), all: after(1) }
    net.run(QUIET_MS)
    return spread
  })
}
