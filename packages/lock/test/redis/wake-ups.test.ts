import { describe, expect, it } from 'vitest'
import { createLocks } from '../../src/index.ts'
import { redisBackend, type RedisReply, type RedisServer } from '../../src/redis/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'

/** Enough for whatever happens without waiting. */
const TURN_MS = 1

/** A server that answers when it is told to. */
function played(): { server: RedisServer; answers: ((reply: RedisReply) => void)[]; asked: string[] } {
  const answers: ((reply: RedisReply) => void)[] = []
  const asked: string[] = []
  const run = async (_: unknown, [main = '']: readonly string[]): Promise<RedisReply> => {
    asked.push(main)
    return await new Promise((resolve) => answers.push(resolve))
  }
  const server: RedisServer = {
    isCluster: false,
    run,
    runIfKnown: run,
    listen: async () => ({ [Symbol.dispose]: () => {} }),
    currentRun: () => Promise.reject(new Error('nobody asks for it')),
    close: async () => {},
  }
  return { server, answers, asked }
}

describe('whoever waits at one Redis', () => {
  it('asks again at once when others began to listen while it was asking', async () => {
    const { server, answers, asked } = played()
    const clock = new ManualClock()
    const locks = createLocks(redisBackend(server, { clock, prefix: '' }), { clock })
    const late = locks.acquire('late')
    await clock.run(0)
    const first = locks.acquire('first')
    await clock.run(0)
    expect(asked).toEqual(['late', 'first'])
    answers[1]?.([0])
    await clock.run(TURN_MS)
    // Once more, since nobody listened when it was refused.
    expect(asked).toEqual(['late', 'first', 'first'])
    answers[0]?.([0])
    await clock.run(TURN_MS)
    expect(asked).toEqual(['late', 'first', 'first', 'late'])
    for (const answer of answers.slice(2)) answer([7])
    await clock.run(TURN_MS)
    expect((await late).fencingToken + (await first).fencingToken).toBe(14n)
  })
})
