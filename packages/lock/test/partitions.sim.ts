import { expect, it } from 'vitest'
import { redisOnDisk } from './sim/models/redis.ts'
import { redlockOfFive } from './sim/models/redlock.ts'
import { untoldHolders } from './sim/partitioned-holder.ts'
import { Scene } from './sim/scene.ts'

const TRIALS = 1000
const CLIENT = { timeout: 500, poll: 100, replays: false, stallMs: 1e9 }

for (const model of [redisOnDisk, redlockOfFive]) {
  it(`${model.name}: in ${TRIALS} trials, a holder that is cut off is told before anybody else has its lock`, async () => {
    expect(await untoldHolders(await Scene.open(model, CLIENT), TRIALS)).toEqual([])
  }, 300_000)
}
