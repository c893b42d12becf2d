import { createRandom } from '@colony/host'
import type { AnyLock, Scene } from './scene.ts'
import type { AcquireOptions } from '../../src/index.ts'

/** Cuts off the holder of a lock at some time, lets somebody else get the lock, and gives the trials in which the holder had not been told by then. */
export async function untoldHolders(scene: Scene, trials: number): Promise<readonly number[]> {
  const { world } = scene
  const random = createRandom(7)
  const untold: number[] = []
  for (let trial = 0; trial < trials; trial++) {
    const key = `k${trial}`
    const ttl = random.integer(200, 1000)
    const held = await acquireWhenPossible(scene, 'a', key, { ttl, autoExtend: random.float() < 0.5 })
    await world.run(random.float() * ttl)
    scene.cutOff('a')
    const next = await scene.acquire('b', key, { ttl: 200 })
    if (!held.signal.aborted || held.isHeld) untold.push(trial)
    scene.mend()
    await world.finish(next.release())
  }
  return untold
}

/** Tries again while servers cannot be reached or abstain. */
export async function acquireWhenPossible(
  scene: Scene,
  client: string,
  key: string,
  options: AcquireOptions = { ttl: 1000, wait: 4000 },
): Promise<AnyLock> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await scene.acquire(client, key, options)
    } catch (error) {
      if (attempt === 10) throw error
    }
  }
}
