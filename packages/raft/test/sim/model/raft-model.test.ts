import { simulate } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../../src/index.ts'
import { modelSuite } from '../raft-suite.ts'
import type { Facts } from '../rules/facts.ts'
import { RaftModel } from './raft-model.ts'

/** Where the model tells what it does not allow, and of the rest what it asks for. */
function factsOf(told: string[]): Facts {
  return {
    nodes: ['a', 'b', 'c'],
    electionTimeoutMs: 100,
    heartbeatIntervalMs: 10,
    foundingPatience: Infinity,
    durable: new Map(),
    cores: new Map(),
    isQuorum: () => false,
    couldCommit: () => false,
    reachedByQuorum: () => 0,
    couldBeReached: () => 0,
    recognises: () => true,
    diskOf: () => undefined,
    incarnationOf: () => 0,
    wasWiped: () => false,
    isVoter: () => true,
    isMember: () => true,
    now: () => 1000,
    localNow: () => 1000,
    broken: (_rule, message) => told.push(message),
    sometimes: () => undefined,
  }
}

/** A node on a new disk, in the model alone. */
function node(): {
  readonly told: string[]
  readonly model: RaftModel
  sends(message: Message): void
  receives(message: Message): void
} {
  const told: string[] = []
  const model = new RaftModel(factsOf(told), ['a', 'b', 'c'])
  model.onRecovery('b', { term: 0, vote: '', firstIndex: 1, entries: [] })
  return {
    told,
    model,
    sends: (message) => model.onSend('b', { peer: message.to, message, localMs: 1000 }),
    receives: (message) => model.onReceive('b', { peer: message.from, message, localMs: 1000 }),
  }
}

const REQUEST: Message = { type: 'vote-request', from: 'a', to: 'b', term: 1, lastIndex: 0, lastTerm: 0 }
const VOTE: Message = { type: 'vote-response', from: 'b', to: 'a', term: 1, granted: true }

describe('trace validation: the model of Raft', () => {
  it('allows what a cluster does, event by event', async () => {
    const { events } = await simulate(modelSuite, 1)
    expect(events).toBeGreaterThan(1000)
  })

  it('does not allow a vote that is not on the disk', () => {
    const hasty = node()
    hasty.receives(REQUEST)
    hasty.sends(VOTE)
    expect(hasty.told).toEqual([
      "b, follower of term 1, sent vote-response, peer a: expected the vote for a in term 1 to be on the disk first, but there it has term 0 and vote ''",
    ])
    const careful = node()
    careful.receives(REQUEST)
    careful.model.onPersist('b', { term: 1, vote: 'a', firstIndex: 0, entries: [] })
    careful.model.onPersisted('b')
    careful.sends(VOTE)
    expect(careful.told).toEqual([])
  })

  it('does not allow a vote that nobody asked for, or two in a term', () => {
    const { told, sends, receives } = node()
    sends(VOTE)
    receives(REQUEST)
    receives({ ...REQUEST, from: 'c' })
    sends({ ...VOTE, to: 'c' })
    expect(told).toMatchObject([
      expect.stringContaining('expected no answer, but it votes for a in term 1'),
      expect.stringContaining('but it votes for c in term 1'),
    ])
  })

  it('does not allow anybody but a leader to append', () => {
    const { told, sends } = node()
    const position = { prevIndex: 0, prevTerm: 0, commit: 0, round: 1, echo: 0, quorumAgeMs: -1, leaseMs: 0 }
    sends({ type: 'append-request', from: 'b', to: 'a', term: 1, ...position, entries: [] })
    expect(told).toMatchObject([expect.stringContaining('nothing to append from a follower in term 0')])
  })
})
