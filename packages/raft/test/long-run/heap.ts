import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is still reachable, in bytes: objects of the heap and what buffers hold outside it. Collects garbage first. */
export function reachableBytes(): number {
  // What the first collection finds may hold finalisers, whose objects only the second one takes.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** By how much a value grows from one sample to the next: the slope of the line that fits best (least squares). */
export function slope(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  let along = 0
  let across = 0
  samples.forEach((sample, at) => {
    along += (at - middle) * sample
    across += (at - middle) ** 2
  })
  return across === 0 ? 0 : along / across
}
