import { Cluster } from '../cluster.ts'

/** What one crash on a network that loses nothing came to. */
export interface OneCrash {
  /** Healthy members that doubted themselves. */
  readonly unwell: number
  /** Until the first member declared it failed, in milliseconds. */
  readonly firstMs: number
  /** Until all had heard. */
  readonly allMs: number
  /** Others that were declared failed. */
  readonly falseDeaths: number
}

/** Kills one member of a settled cluster. */
export function crashOne(members: number, seed: number): OneCrash {
  const unwell = new Set<string>()
  const noticed = new Map<string, number>()
  let falseDeaths = 0
  const cluster = new Cluster({
    seed,
    onEvent: (node, event, at) => {
      if (event.type === 'health' && event.score > 0) unwell.add(node.id)
      if (event.type !== 'fail') return
      if (event.member.id === victim) noticed.set(node.id, at)
      else falseDeaths += 1
    },
  })
  const victim = `n${members - 1}`
  const { net } = cluster
  cluster.start(members)
  cluster.untilWhole(60_000)
  net.run(10_000)
  net.crash(net.node(victim))
  const start = net.now
  const allMs = net.runUntil(`${victim} is missed`, () => noticed.size === members - 1, 180_000)
  net.run(20_000)
  return { unwell: unwell.size, firstMs: Math.min(...noticed.values()) - start, allMs, falseDeaths }
}
