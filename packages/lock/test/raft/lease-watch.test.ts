import { describe, expect, it } from 'vitest'
import type { Command } from '../../src/raft/command.ts'
import { watchLeases } from '../../src/raft/lease-watch.ts'
import { ReplicatedTable } from '../../src/raft/replicated-table.ts'
import { ManualClock } from '../runtime/manual-clock.ts'

type Lead = (term: number, signal: AbortSignal) => void

/** A node that leads when it is told to, and notes what is proposed; whether that arrives is for the test to say. */
function watchedTable(): {
  readonly clock: ManualClock
  readonly proposed: Command[]
  readonly apply: (command: Command) => void
  readonly lead: Lead
  answer: () => Promise<void>
} {
  const clock = new ManualClock()
  const table = new ReplicatedTable()
  const proposed: Command[] = []
  let index = 0
  let lead: Lead = () => {}
  const watched = {
    ...{ clock, proposed },
    apply: (command: Command) => void table.apply(command, { index: ++index, term: 1 }),
    lead: (term: number, signal: AbortSignal) => lead(term, signal),
    answer: () => Promise.resolve(),
  }
  const raft = {
    id: 'a',
    onLeadership: (callback: Lead) => void (lead = callback),
    propose: async (command: Command) => {
      proposed.push(command)
      await watched.answer()
    },
    read: () => Promise.reject(new Error('nobody answers')),
  }
  watchLeases(raft as never, table, clock)
  watched.apply({ op: 'open', node: 'a', ttlMs: 10_000 })
  watched.apply({
    ...{ op: 'ask', session: 1, number: 1, oldest: 1, claims: ['k'], ttlMs: 1000, wait: false },
  })
  return watched
}

describe('the leader watches leases', () => {
  it('proposes the end of a lease when the whole of it has gone by since it leads', async () => {
    const { clock, proposed, lead } = watchedTable()
    await clock.run(5000)
    lead(3, new AbortController().signal)
    await clock.run(999)
    expect(proposed).toEqual([])
    await clock.run(2)
    expect(proposed).toEqual([{ op: 'expire', term: 3, session: 1, number: 1, version: 2 }])
  })

  it('proposes it again when that came to nothing', async () => {
    const watched = watchedTable()
    const { clock, proposed, lead, apply } = watched
    lead(1, new AbortController().signal)
    watched.answer = () => Promise.reject(new Error('too many proposals'))
    await clock.run(1001)
    expect(proposed).toHaveLength(1)
    await clock.run(600)
    expect(proposed).toHaveLength(2)
    // Written down, it is over.
    apply(proposed[1] as Command)
    await clock.run(2000)
    expect(proposed).toHaveLength(2)
  })

  it('proposes nothing when it leads no more', async () => {
    const { clock, proposed, lead } = watchedTable()
    const leadership = new AbortController()
    lead(1, leadership.signal)
    await clock.run(500)
    leadership.abort()
    await clock.run(20_000)
    expect(proposed).toEqual([])
  })

  it('a session is over when it has shown no sign of life for the whole of its lease', async () => {
    const { clock, proposed, lead, apply } = watchedTable()
    lead(1, new AbortController().signal)
    apply({ op: 'end', session: 1, number: 1 })
    await clock.run(9000)
    apply({ op: 'renew', session: 1, ended: [] })
    await clock.run(9500)
    expect(proposed).toEqual([])
    await clock.run(600)
    expect(proposed).toEqual([{ op: 'expire', term: 1, session: 1, version: 4 }])
  })
})
