import { LifeNet } from './life-net.ts'

/** How often is looked whether all are complete: looking at a thousand nodes costs as much as a step. */
const LOOK_EVERY_MS = 20

/** How many milliseconds it takes until all of so many nodes, which start at once and know one seed, know each other; `Infinity` when it takes longer than a minute. */
export function massJoinMs(seed: number, size: number): number {
  const net = new LifeNet(`mass-join-${seed}`)
  net.keepsEvents = false
  for (let index = 0; index < size; index++) {
    net.start(`node-${index}`, { seeds: [{ address: 'net://node-0' }] })
  }
  let lookAt = 0
  const complete = (): boolean => {
    if (net.now < lookAt) return false
    lookAt = net.now + LOOK_EVERY_MS
    return net.seeing(size) === size
  }
  return net.run(60_000, complete) ? net.now : Infinity
}
