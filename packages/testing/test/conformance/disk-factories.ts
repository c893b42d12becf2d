import { createRandom } from '@colony/host'
import type { DiskFactory } from '../../src/conformance/index.ts'
import { createWorld, SimulatedDisk } from '../../src/index.ts'

/** Simulated disks without delays; every one of them has a seed, and so crashes, of its own. */
export function simulatedDisks(): DiskFactory {
  let seed = 0
  return {
    supports: ['crash'],
    place: async () => {
      const disk = new SimulatedDisk({
        random: createRandom((seed += 1)),
        later: (_delayMs, task) => queueMicrotask(task),
      })
      await disk.makeDirectory('/data')
      return { disk, directory: '/data', crash: () => disk.crash() }
    },
  }
}

/** The disk of a simulated node, in simulated time: later operations may overtake earlier ones. */
export function disksOfNodes(): DiskFactory {
  let seed = 0
  return {
    supports: ['crash'],
    place: async () => {
      const world = createWorld({ seed: (seed += 1) })
      const node = world.addNode('a')
      await world.finish(node.disk.makeDirectory('/data'))
      const crash = (): void => {
        node.crash()
        node.restart()
      }
      return {
        disk: node.disk,
        directory: '/data',
        crash,
        finish: async (work) => await world.finish(work),
      }
    },
  }
}
