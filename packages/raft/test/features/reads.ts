import type { Chapter } from './feature.ts'

/** What clients ask for and get. */
export const CLIENTS: Chapter = {
  title: 'Reads, and doing things once',
  features: [
    {
      name: 'ReadIndex',
      does: 'A linearizable read is answered when a majority has confirmed the leader in a round that began after the read. Reads that wait share rounds; nothing is written.',
      use: '`raft.read(query)`',
      tests: [
        'linearizable reads (ReadIndex, thesis 6.4) > are answered after a quorum answered a round that began later',
        'linearizable reads (ReadIndex, thesis 6.4) > share a round: what comes while one is out goes with the next',
      ],
    },
    {
      name: 'Linearizable on followers',
      does: 'The same call with the same promise on every node.',
      use: '`raft.read(query)` anywhere',
      tests: ['read > is linearizable on every node', 'read > does not wait for a heartbeat on a follower'],
      called: 'linearizable on every node',
    },
    {
      name: 'Lease reads',
      does: 'The same without asking anybody, for whoever can bound the drift of clocks: counted from when the round was sent, promised by the followers, over when leadership is handed over.',
      use: "`maxClockDrift`; `raft.read(query, { consistency: 'lease' })`",
      tests: [
        'a lease > holds for an election timeout, less the drift, from when the round was sent, not from when it was answered',
        'who promised a lease > keeps its word across a restart, in which it forgets it',
        'a read under a lease > looks at the clock of now: a leader that was stopped does not answer with what it had',
      ],
      called: 'lease',
    },
    {
      name: 'Bounded staleness',
      does: 'At most so old, proved on one clock over a round trip; refused when older.',
      use: "`raft.read(query, { consistency: 'bounded', maxStalenessMs: 500 })`",
      tests: [
        'a bounded read > that finds its own node too old asks the leader',
        'freshness > is proved over a round trip, on the leader and on followers',
      ],
      called: 'bounded',
    },
    {
      name: 'Chosen per call',
      does: 'Four levels, linearizable unless you say otherwise. What each does on both sides of a cut is in [Consistency](consistency.md), a simulation for every line.',
      use: '`consistency`',
      tests: [
        'what a read asks for > is linearizable by default',
        'when the network is cut > the guide has a line for each of these, and no other',
      ],
      called: 'what a read asks for',
    },
    {
      name: 'Read your writes',
      does: 'Every answer names its index, and every read can wait for one, on any node.',
      use: '`raft.read(query, { after: index })`',
      tests: [
        'a read after an index (read your writes) > waits for it at every level, and says at which index it is',
      ],
    },
    {
      name: 'Exactly once',
      does: 'Under an idempotency key a command takes effect once, however often it is sent; keys and their results are replicated state, and in every snapshot.',
      use: "`raft.propose(command, { idempotencyKey: 'order-17' })`",
      tests: [
        'propose > applies one key once, and refuses it for another command',
        'idempotency keys in snapshots > a retry after a snapshot is not applied again: where it was made, after a restart, and where it was sent',
      ],
      called: 'key once',
    },
    {
      name: 'Sessions',
      does: 'Numbered commands, each of which takes effect once; a retry of something forgotten is refused, never applied. They expire by time that stands in the log, the same on every node. [Exactly once](exactly-once.md).',
      use: '`raft.session()`, `session.propose(command, { number })`',
      tests: [
        'a session > applies a number once, on whatever node it comes',
        'a session > expires by log time when it goes unused, with an answer of its own and no second application',
        'log time > is told to machines, the same everywhere, and goes on under the next leader',
      ],
      called: 'a session',
    },
    {
      name: 'What became of it',
      does: 'Every failed proposal says `rejected` (never applied, never will be), `unknown` or `applied`.',
      use: '`error.outcome`',
      tests: [
        'propose > without a leader: rejected after its timeout, never appended',
        'propose > appended and cut off: unknown after its timeout',
        'peers that are wrong, gone or slow to see it > a keyed proposal that was appended once is never called rejected',
      ],
      called: 'rejected',
    },
  ],
}
