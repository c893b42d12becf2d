import type { Chapter } from './feature.ts'

/** Who leads. */
export const LEADERSHIP: Chapter = {
  title: 'Elections and leadership',
  features: [
    {
      name: 'Leader election',
      does: 'Timeouts are random, so that two candidates rarely meet. A vote is on disk before it is given.',
      use: '`electionTimeoutMs`, `heartbeatIntervalMs`',
      tests: [
        'elections > wait a random time, from one to two election timeouts',
        'elections > answers a vote only when it is durable',
        'transcripts > votes lost late and repeated',
      ],
      called: 'elections',
    },
    {
      name: 'Pre-vote',
      does: 'Whoever loses patience asks first whether it could win, and raises no term if not: a node that comes back disturbs nobody.',
      use: 'always on',
      tests: [
        'elections > a node that was cut off does not disturb anyone when it comes back (pre-vote)',
        'transcripts > disruptive server',
      ],
    },
    {
      name: 'Check-quorum',
      does: 'A leader that no majority answers for an election timeout steps down.',
      use: 'always on',
      tests: [
        'elections > a leader that no quorum answers steps down (check-quorum)',
        'transcripts > live locks of pre vote and check quorum',
      ],
    },
    {
      name: 'Leader stickiness',
      does: 'Who hears a leader helps nobody to depose it, unless that leader itself hands over.',
      use: 'always on',
      tests: ['elections > neither votes nor takes the term while it hears a leader (stickiness)'],
      called: 'stickiness',
    },
    {
      name: 'Leadership transfer',
      does: 'The successor is told to campaign only when it has everything on disk. There is a deadline; if nobody takes over by then, the leader goes on as before.',
      use: '`raft.transferLeadership(to?)`, `raft.close({ handOver: true })`',
      tests: [
        'leadership transfer (thesis 3.10) > waits until the log of the target is durable and equal to the own',
        'transferLeadership > to a node that is dead fails after an election timeout, and the leader goes on',
        'transcripts > leadership is handed over',
      ],
    },
    {
      name: 'Priorities',
      does: 'A leader hands over to a member of higher priority that keeps up. Priorities keep nobody from being elected.',
      use: '`priority`',
      tests: [
        'priorities > a leader hands over to a voter of higher priority that has kept up for three election timeouts',
        'priorities > do not keep anybody from being elected',
      ],
    },
    {
      name: 'Work for whoever leads',
      does: 'A callback with a signal that aborts when the term ends; a sequence of states that keeps only the latest. Neither can hold up the protocol.',
      use: '`raft.onLeadership((term, signal) => …)`, `raft.watch()`',
      tests: [
        'onLeadership > its signal aborts as soon as a transfer begins, before another leads',
        'watch > begins with the present status and gives the latest, however much happened meanwhile',
      ],
      called: 'onLeadership',
    },
    {
      name: 'A closed connection is a hint',
      does: 'When the leader’s process dies, its connections close; the others ask for an election at once, and pre-vote makes that safe.',
      use: 'automatic with TCP; `onPeerClosed` in a transport of your own',
      tests: [
        'a transport that tells of closed connections > makes the next leader known long before an election timeout has passed',
        'a transport that tells of closed connections > a connection that only broke deposes nobody',
      ],
      called: 'closed connections',
    },
  ],
}
