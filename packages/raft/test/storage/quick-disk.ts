import { createRandom } from '@colony/host'
import { SimulatedDisk } from '@colony/testing'

/** A simulated disk without delays: for tests of what is on it, not of when. */
export function quickDisk(seed = 1): SimulatedDisk {
  return new SimulatedDisk({
    random: createRandom(seed, 'disk'),
    later: (_delayMs, task) => queueMicrotask(task),
  })
}

/** The bytes of every file of a directory, by name. */
export async function contents(disk: SimulatedDisk, directory: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const name of await disk.list(directory)) {
    const bytes = disk.peek(`${directory}/${name}`)
    if (bytes !== undefined) files.set(name, bytes)
  }
  return files
}

/** A disk with exactly these files, durably. */
export async function diskWith(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<SimulatedDisk> {
  const disk = quickDisk()
  await disk.makeDirectory(directory)
  for (const [name, bytes] of files) {
    const file = await disk.open(`${directory}/${name}`, { create: true })
    await file.writeDurable(0, bytes)
    await file.close()
  }
  await disk.syncDirectory(directory)
  return disk
}
