import { Cluster } from '../cluster.ts'

/** How long it takes until so many that all know the same one know each other, in milliseconds. */
export function joinThroughOne(members: number, seed: number, withinMs: number): number {
  const cluster = new Cluster({ seed })
  cluster.start(members)
  return cluster.untilWhole(withinMs)
}

/** What a mass restart came to. */
export interface MassRestart {
  /** Until every node saw every other one in its new life, in milliseconds. */
  readonly wholeAfterMs: number
  /** How many nodes that lived were taken for failed or gone at that time, by anybody. */
  readonly missed: number
}

/** Ends all processes of a cluster within a second, and starts each again after as long as it takes, with a new epoch and the old seed. */
export function restartAll(members: number, seed: number, withinMs: number): MassRestart {
  const cluster = new Cluster({ seed })
  const { net } = cluster
  cluster.start(members)
  cluster.untilWhole(60_000)
  net.run(5000)
  cluster.nodes.forEach((node, index) => {
    net.schedule((index * 997) % 1000, () => cluster.restart(node, node.id === 'n0' ? 'n1' : 'n0'))
  })
  net.run(1000)
  const wholeAfterMs = cluster.untilWhole(withinMs)
  const missed = cluster.nodes.filter(({ id }) => cluster.countSeen(id, 'alive') < members).length
  return { wholeAfterMs, missed }
}
