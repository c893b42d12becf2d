import { Cluster } from '../cluster.ts'

/** What a lossy network did to a cluster in which nobody died. */
export interface LossyRun {
  /** Until all saw all first; `undefined` where they did not within two minutes. */
  readonly wholeAfterMs: number | undefined
  /** How often any member declared one dead. */
  readonly falseDeaths: number
  /** Members that were suspected, counted at each other member. */
  readonly suspicions: number
  readonly packetsPerSecond: number
  readonly bytesPerSecond: number
}

/** A cluster that loses so many of its datagrams, from the first on. `forMs`: how long it is watched, joining included. */
export function runLossy(members: number, seed: number, loss: number, forMs: number): LossyRun {
  let falseDeaths = 0
  let suspicions = 0
  const cluster = new Cluster({
    seed,
    onEvent: (_node, { type }) => {
      if (type === 'fail') falseDeaths += 1
      if (type === 'suspect') suspicions += 1
    },
  })
  const { net } = cluster
  net.loss = () => loss
  cluster.start(members)
  let wholeAfterMs: number | undefined
  while (net.now < forMs) {
    net.run(Math.min(100, forMs - net.now))
    if (wholeAfterMs === undefined && net.now < 120_000 && cluster.isWhole()) wholeAfterMs = net.now
  }
  const nodeSeconds = (members * forMs) / 1000
  const { datagrams, streams, bytes, streamBytes } = net.traffic
  return {
    wholeAfterMs,
    falseDeaths,
    suspicions,
    packetsPerSecond: (datagrams + streams) / nodeSeconds,
    bytesPerSecond: (bytes + streamBytes) / nodeSeconds,
  }
}
