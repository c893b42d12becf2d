import { Cluster } from '../cluster.ts'

/** Splits a cluster in two for so long, and gives how long it takes afterwards until all see all, in milliseconds. */
export function healAfter(members: number, seed: number, partitionMs: number, withinMs: number): number {
  const cluster = new Cluster({ seed })
  const { net } = cluster
  cluster.start(members)
  cluster.untilWhole(60_000)
  net.run(5000)
  const isLeft = new Map(cluster.nodes.map(({ id, index }) => [id, index < members / 2]))
  net.cut = (from, to) => isLeft.get(from) !== isLeft.get(to)
  net.run(partitionMs)
  net.cut = () => false
  return cluster.untilWhole(withinMs)
}
