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
      name: 'Disks that fail',
      does: 'A node whose disk refuses a write, for want of space too, acknowledges nothing more; a leader hands over first. What it wrote counts only as far as it is read back.',
      use: '`RAFT_STORAGE_FAILED`; event `stopped`',
      tests: [
        'a disk that fails > under a leader: it hands over before it stops, and nobody waits for an election timeout',
        'a disk that fails > nothing is written any more once a write failed',
        'log storage > %s from a write: an error that keeps the cause, and nothing more is accepted',
      ],
      called: 'disk that fails',
    },
    {
      name: 'Disks that hang',
      does: 'Heartbeats do not need the disk, so something else must notice: a leader whose write takes too long hands over, and stands for no election until a write has finished.',
      use: '`diskStallMs`; event `raft.disk-stall`',
      tests: [
        'a disk that hangs > under a leader: the observer is told, and it hands over',
        'a disk that hangs > under a node: it stands for no election until a write has finished',
      ],
      called: 'disk that hangs',
    },
    {
      name: 'Event loops that stall',
      does: 'Nobody asks for an election straight from a timer: what waits in the inbox is read first.',
      use: 'automatic',
      tests: ['a node > that was stalled reads its inbox before it asks for an election'],
      called: 'stalled',
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
      name: 'Waiting for a state, in tests',
      does: 'With real time: the next status for which something holds. In the simulation: until a condition holds after an event, and no longer.',
      use: '`for await (const status of raft.watch()) …`; `world.runUntil(condition)`',
      tests: ['watch > tells of a new leader', 'runUntil stops at the event that made it true'],
      called: 'runUntil',
    },
  ],
}
