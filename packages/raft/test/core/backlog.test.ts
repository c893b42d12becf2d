import { createRandom } from '@colony/host'
import { expect, it } from 'vitest'
import type { Entry, LogIndex } from '../../src/core/entry.ts'
import { RaftCore } from '../../src/core/raft-core.ts'

const COUNT = 40_000

/** A lone voter that comes back with a long log. */
function restarted(): RaftCore {
  const options = { id: 'a', voters: ['a'], electionTimeoutMs: 100, heartbeatIntervalMs: 10 }
  const limits = { maxBatchBytes: 1000, maxBatchEntries: 100, maxInflightBatches: 4 }
  const entries = Array.from({ length: COUNT }, (_, at): Entry => {
    return { term: 1, kind: 'command', data: Uint8Array.of(at & 0xff) }
  })
  const stored = { term: 1, vote: 'a', firstIndex: 1, entries }
  return new RaftCore({ ...options, ...limits, random: createRandom(1) }, stored, 1000)
}

it('a long log is handed out for application in parts, in order, each entry once, one tick after the other without a wait', () => {
  const core = restarted()
  let outputs = core.step(1000, { type: 'tick' })
  expect(outputs.apply).toEqual([])
  // The vote, and the first entry of the term: what stands before it is committed with it.
  for (let record = 1; record <= 2; record++) {
    outputs = core.step(1001, { type: 'persisted', sequence: outputs.sequence })
  }
  expect(core.commitIndex).toBe(COUNT + 1)
  const handedOut: LogIndex[] = []
  let steps = 0
  for (; outputs.apply.length > 0; steps++) {
    for (const [at, entry] of outputs.apply.entries()) {
      const index = outputs.applyFrom + at
      handedOut.push(index)
      if (index <= COUNT && entry.data[0] !== ((index - 1) & 0xff))
        throw new Error(`entry ${index} is another`)
    }
    expect(outputs.apply.length).toBeLessThan(20_000)
    expect(outputs.wakeAt <= 1001).toBe(core.commitIndex > (handedOut.at(-1) ?? 0))
    outputs = core.step(1001, { type: 'tick' })
  }
  expect(steps).toBeGreaterThan(2)
  expect(handedOut).toEqual(Array.from({ length: COUNT + 1 }, (_, at) => at + 1))
})
