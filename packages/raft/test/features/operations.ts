import type { Chapter } from './feature.ts'

/** What somebody who runs it needs. */
export const OPERATIONS: Chapter = {
  title: 'Running it',
  features: [
    {
      name: 'One call, no loop',
      does: 'A node is one call with your class. The protocol alone is there too, as a pure `step(now, input)`, for simulators and hosts of your own.',
      use: '`createRaft({ … })`; `RaftCore`',
      tests: [
        'a cluster in memory > is one call a node: elects, commits on any node and reads its own writes',
        'the first example in the README of @colony/raft runs, and prints what its comments say',
      ],
      called: 'one call',
    },
    {
      name: 'Metrics and events',
      does: 'Counters as one object, structured events to an observer and to `diagnostics_channel`; [Observability](observability.md) has a recipe for OpenTelemetry.',
      use: '`raft.metrics()`, `observer`, `publishMetrics(raft)`',
      tests: [
        'metrics > count what became of proposals and reads, elections, leaders and writes',
        'publishes what a node is and has counted, while somebody listens',
        'events on diagnostics channels > go to the channel of their type, and on to the next observer',
      ],
      called: 'metrics',
    },
    {
      name: 'Rolling upgrades',
      does: 'Everything carries a version. A group is upgraded node by node while it works, and what an older node could not understand waits for the last of them.',
      use: '[Upgrading](upgrading.md)',
      tests: [
        'a rolling upgrade > takes a node of the format before along: it follows, votes, leads, joins, and is upgraded',
        'a rolling upgrade > goes through a whole group while clients write, and what is new works once the last node is there',
        'a data directory of format 1 > is opened with its snapshot, log, membership and keys, and goes on',
      ],
      called: 'rolling upgrade',
    },
    {
      name: 'Waiting for a state, in tests',
      does: 'With real time: the next status for which something holds. In the simulation: until a condition holds after an event, and no longer.',
      use: '`for await (const status of raft.watch()) …`; `world.runUntil(condition)`',
      tests: ['watch > tells of a new leader', 'runUntil stops at the event that made it true'],
      called: 'runUntil',
    },
  ],
}
