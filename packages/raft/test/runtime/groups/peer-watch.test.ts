import { describe, expect, it } from 'vitest'
import { PeerWatch } from '../../../src/runtime/groups/peer-watch.ts'
import type { NodeEvent } from '../../../src/runtime/groups/shared-node.ts'
import { HandClock } from './hand-clock.ts'

const OPTIONS = { intervalMs: 50, patienceMs: 400 }

function watched(): { clock: HandClock; watch: PeerWatch; told: NodeEvent[] } {
  const clock = new HandClock()
  const told: NodeEvent[] = []
  const watch = new PeerWatch(
    clock,
    OPTIONS,
    (event) => void told.push(event),
    () => undefined,
  )
  clock.pass(1)
  watch.heard('b', 7, 0)
  return { clock, watch, told }
}

describe('the watch over other nodes', () => {
  it('tells of a silent node when its patience is over, once', () => {
    const { clock, told } = watched()
    clock.pass(OPTIONS.patienceMs - 1)
    expect(told).toEqual([])
    clock.pass(OPTIONS.intervalMs)
    expect(told).toEqual([{ type: 'silent', peer: 'b' }])
    clock.pass(1000)
    expect(told).toHaveLength(1)
  })

  it('after a stall of its own process it gives the others the time to be heard, however long the stall was', () => {
    const { clock, watch, told } = watched()
    for (let times = 0; times < 10; times++) {
      clock.pass(OPTIONS.intervalMs)
      watch.heard('b', 7, 0)
    }
    clock.stall(10 * OPTIONS.patienceMs)
    clock.pass(OPTIONS.intervalMs / 2)
    watch.heard('b', 7, 0)
    clock.pass(OPTIONS.patienceMs - 1)
    expect(told).toEqual([])
  })

  it('after a stall of its own process it finds out soon who has really gone', () => {
    const { clock, told } = watched()
    clock.stall(10 * OPTIONS.patienceMs)
    clock.pass(2 * OPTIONS.intervalMs)
    expect(told).toEqual([{ type: 'silent', peer: 'b' }])
  })
})
