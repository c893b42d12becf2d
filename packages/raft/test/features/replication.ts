import type { Chapter } from './feature.ts'

/** How commands get into every log. */
export const REPLICATION: Chapter = {
  title: 'Replication',
  features: [
    {
      name: 'Pipelined appends',
      does: 'Batches follow each other without waiting for answers, up to a window; what comes while it is full goes into one batch.',
      use: 'automatic',
      tests: ['replication > pipelines: sends no more than its window, and collects the rest into one batch'],
      called: 'pipelines',
    },
    {
      name: 'Limits on what is under way',
      does: 'By messages and by bytes, to each follower; and on what may wait for a follower’s own disk.',
      use: '`maxInflightBytes`, `maxPendingBytes`',
      tests: [
        'flow control by bytes > keeps no more under way to a follower than is allowed, and goes on as that is acknowledged',
        'a slow follower > never has more than the window under way, costs the others nothing, and catches up',
        'a follower with a slow disk > queues no more than maxPendingBytes for it, and is sent again what it dropped',
      ],
      called: 'under way',
    },
    {
      name: 'Group commit',
      does: 'Everything that came while the disk wrote is written, sent and applied together, without a timer.',
      use: 'automatic',
      tests: ['group commit > writes at once when idle, and everything that queued meanwhile as one record'],
    },
    {
      name: 'Asynchronous writes to the disk',
      does: 'Heartbeats, votes of others and new proposals do not wait for a write. What promises something waits for it in the core, so no storage can answer too early.',
      use: '`RaftStorage.persist`',
      tests: [
        'replication > writes are asynchronous: a leader whose disk is busy takes, sends and commits, and beats on',
        'group commit > holds messages back until their record is durable',
      ],
      called: 'asynchronous',
    },
    {
      name: 'The leader’s disk beside the network',
      does: 'A leader sends while it writes, and commits without its own disk when a majority of others has the entry.',
      use: 'automatic',
      tests: [
        'replication > commits without its own disk when a quorum of others has the entry',
        'replication > does not count its own disk before it is written',
      ],
      called: 'own disk',
    },
    {
      name: 'Back-pressure',
      does: 'Beyond a limit of proposals, bytes or reads a call is refused at once with a typed error that may be retried.',
      use: '`maxPendingProposals`, `maxPendingBytes`; `RAFT_OVERLOADED`',
      tests: [
        'propose > refuses more than may be pending, and takes the next once some have settled',
        'limits > bound what a leader appends that nobody commits, although the calls have long ended',
      ],
      called: 'limits',
    },
    {
      name: 'Proposals on any node',
      does: 'What only the leader can do is forwarded to it, taken once however often the network repeats it, and answered.',
      use: '`raft.propose(command)` anywhere',
      tests: [
        'propose > works on any node, and says where in the log the command stands',
        'forwarded proposals at the leader > are taken once, and answered again as they were answered first',
      ],
      called: 'forwarded proposals',
    },
    {
      name: 'Who leads, in errors',
      does: 'No call needs to find the leader. An error that comes of one says who it is believed to be.',
      use: '`error.leader`, `raft.status().leader`',
      tests: ['propose > that its leader does not answer: the error names that leader'],
      called: 'names that leader',
    },
  ],
}
