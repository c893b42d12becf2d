import type { Feature } from './feature.ts'

/** What users of such libraries complain of, in the order in which they do, and what is done about it here. */
export const COMPLAINTS: readonly Feature[] = [
  {
    name: 'Nothing that runs comes with it',
    does: 'Three nodes in memory are ten lines; the same call with files and TCP is production.',
    use: '`createRaft`',
    tests: [
      'a cluster in memory > is one call a node: elects, commits on any node and reads its own writes',
      'the first example in the README of @colony/raft runs, and prints what its comments say',
    ],
    called: 'one call',
  },
  {
    name: 'A leader with a full disk goes on leading',
    does: 'It hands over at once, acknowledges nothing and is elected no more, votes, and goes on when there is room.',
    use: 'event `raft.disk-full`',
    tests: [
      'a full disk > under a leader: it hands over, and is elected no more while that lasts',
      'a full disk > under a follower: it acknowledges nothing that it could not write',
    ],
    called: 'full disk',
  },
  {
    name: 'A disk hangs, and heartbeats hide it',
    does: 'The oldest unfinished write is watched, not the heartbeats.',
    use: '`diskStallMs`',
    tests: ['a disk that hangs > under a leader: the observer is told, and it hands over'],
    called: 'disk that hangs',
  },
  {
    name: 'The quorum is gone, and nobody says what to do',
    does: 'A plan that compares what is left and says what may be lost, and one call that goes on with it, fenced.',
    use: '`planQuorumRecovery(…)`, `forceQuorumRecovery(…)`',
    tests: [
      'a plan > names the log with the latest term, not the longest, and says what may be lost',
      'a group that lost its quorum goes on from the best log, with the survivors as its members',
    ],
    called: 'lost its quorum',
  },
  {
    name: 'All addresses change',
    does: 'Identity and address are apart.',
    use: '`raft.members.set(ids, { addresses })`',
    tests: ['addresses > of members travel with the membership, and all of them can change'],
    called: 'addresses',
  },
  {
    name: 'A node comes back with an empty disk, or under a used name',
    does: 'It is recognised, counts for nothing, and comes back as a learner; removed ids are remembered.',
    use: '`wipedNodes`',
    tests: [
      'a wiped node > is recognised, told of, and brought back as a learner and a voter',
      'a wiped voter > elects nobody who lacks what it had acknowledged',
      'a removed node > is remembered, told by any later leader without the log, and forgotten when it is added',
    ],
    called: 'wiped',
  },
  {
    name: 'Replacing a server takes six careful steps',
    does: 'One call; whoever leads does the rest.',
    use: '`raft.members.replace(old, new)`',
    tests: [
      'members > a dead node is replaced by a new one',
      'a change of members > promotes nobody that is far behind or silent, and whoever has caught up by itself',
    ],
    called: 'replaced',
  },
  {
    name: 'Linearizable reads are left to the reader',
    does: 'The default, on any node.',
    use: '`raft.read(query)`',
    tests: ['read > is linearizable on every node', 'read > is not served by a leader that was replaced'],
    called: 'linearizable on every node',
  },
  {
    name: 'Large snapshots stall the group or never arrive',
    does: 'Streamed, resumed, limited, in pieces of a few milliseconds, never in the way of heartbeats; what is newer meanwhile does not start it over.',
    use: '`snapshots`',
    tests: [
      'a snapshot on its way > goes on where it was when the connection comes back',
      'a snapshot on its way > obeys its limit, and nobody misses a heartbeat meanwhile',
      'a snapshot on its way > keeps the entries behind it, also when newer ones are made while it is sent',
    ],
    called: 'snapshot on its way',
  },
  {
    name: 'Did my write happen?',
    does: 'Three outcomes, and keys or sessions that make trying again harmless.',
    use: '`error.outcome`, `idempotencyKey`, `raft.session()`',
    tests: [
      'peers that are wrong, gone or slow to see it > a keyed proposal that was appended once is never called rejected',
      'propose > forwarded to a leader that is cut off: unknown without a key, retried with one',
    ],
    called: 'rejected',
  },
  {
    name: 'The log does not open after a crash',
    does: 'What a crash may leave is cut by itself, and told from what only damage can leave; what was lost in the middle comes from the other nodes.',
    use: '`npx @colony/raft log check`',
    tests: [
      'a node that lost entries > is sent them again by the leader that counted them',
      'a short history survives a crash at every single moment, each in many ways',
      'a damaged record before a torn one is told from a torn one alone',
    ],
    called: 'survives a crash',
  },
  {
    name: 'News of leadership get lost, or deadlock',
    does: 'The latest state, never a queue; callbacks with a signal that ends with the term; what they throw is reported and harms nobody.',
    use: '`raft.watch()`, `raft.onLeadership(…)`',
    tests: [
      'watch > begins with the present status and gives the latest, however much happened meanwhile',
      'onLeadership > what a callback throws, now or later, goes to the observer, and it is called again',
    ],
    called: 'onLeadership',
  },
  {
    name: 'A transfer hangs, or fails without a word',
    does: 'A promise with a deadline that says what became of it; proposals wait meanwhile and none is lost.',
    use: '`raft.transferLeadership(to?)`',
    tests: [
      'transferLeadership > keeps proposals and reads waiting, at the leader and elsewhere, and loses none',
      'transferLeadership > works under loss, delay and repetition, sooner or later, and says truly whether it did',
    ],
    called: 'transfer',
  },
  {
    name: 'A connected majority has no leader',
    does: 'Pre-vote, check-quorum and stickiness are one thing and not three flags; refusals carry terms, so nobody asks in vain for ever.',
    use: 'always on',
    tests: [
      'transcripts > live locks of pre vote and check quorum',
      'transcripts > one way and bridge partitions',
      'elections > learns a higher term from a refused pre-vote',
      'raft keeps every promise under faults',
    ],
    called: 'live locks',
  },
  {
    name: 'A message from a peer takes the process down',
    does: 'What does not decode, or cannot be, is counted and dropped.',
    use: '`raft.metrics().dropped`',
    tests: [
      'frames of any bytes',
      'replication > drops and counts what can not be',
      'a node > drops garbage and goes on',
    ],
    called: 'drops',
  },
  {
    name: 'Thousands of idle groups cost a whole processor',
    does: 'Idle groups are quiet, and the heartbeats of the others travel together.',
    use: '`createRaftGroups`',
    tests: [
      'many groups in one process > idle groups are quiet: the nodes send signs of life and nothing else, and every group keeps its leader',
    ],
    called: 'quiet',
  },
]
