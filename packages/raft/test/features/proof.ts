import type { Chapter } from './feature.ts'

/** How it is known to be right. */
export const PROOF: Chapter = {
  title: 'Proof, and tools for your own',
  features: [
    {
      name: 'Deterministic simulation',
      does: 'The unchanged node on the unchanged file log, under loss, partitions, drifting clocks, crashes, torn writes and disks that fail, with every promise checked after every event. Equal seeds give equal traces, byte for byte. [What it has tried](../simulation.md).',
      use: '`@colony/testing`, [Testing your own service](simulation-testing.md)',
      tests: [
        'raft keeps every promise under faults',
        'the same seed gives the same trace, another seed another',
      ],
      called: 'under faults',
    },
    {
      name: 'Real processes, and long runs',
      does: 'The same checks on five processes that are killed, stopped and cut off; a simulated day without growth of the heap.',
      use: '`packages/raft/test/real`, `packages/raft/test/long-run`',
      tests: [
        'five real processes keep every promise through kill -9, SIGSTOP, cuts, delays, broken connections and stalled event loops',
        'a cluster under light load, with snapshots, restarts and transfers, holds on to nothing',
      ],
      called: 'real processes',
    },
    {
      name: 'Linearizability',
      does: 'Every simulated history of clients is checked, and the demo checks those of real processes.',
      use: '`checkLinearizable(model, history)`',
      tests: [
        'witness > shows the first impossible operation, the shortest prefix that convicts, and an order up to there',
        'linearizability > convicts a read that is stale, by the index and by the search alike',
      ],
    },
    {
      name: 'Trace validation',
      does: 'A model of Raft, written from the paper and the thesis, runs beside the code: every event of every simulated run must be a step that it allows.',
      use: '`packages/raft/test/sim/model`',
      tests: [
        'trace validation: the model of Raft > allows what a cluster does, event by event',
        'trace validation: the model of Raft > does not allow a vote that is not on the disk',
      ],
    },
    {
      name: 'Planted bugs',
      does: 'Realistic mistakes in every part, planted one at a time; only the simulation looks for them. [Every one of them and the seed that found it](../mutation-table.md).',
      use: '`pnpm mutants`',
      tests: [
        'planted bugs > ${mutant.name} still applies, in one place, and compiles',
        'the simulation finds planted bugs > ${name}, within ${within} seeds',
      ],
    },
    {
      name: 'Fuzzing and properties',
      does: 'Every decoder gets bytes of any kind; logs, quorums and merged records are compared with a plain model for any sequence of operations.',
      use: '`fuzzDecoder` of `@colony/testing/fuzz`',
      tests: [
        'frames of any bytes',
        'records of any bytes',
        'mergeRecords > has the effect of its records one after the other, for any records',
        'the log > is an array of entries, settled or not, for any sequence of operations',
      ],
      called: 'of any bytes',
    },
    {
      name: 'Scenes from the literature',
      does: 'The figures of the paper and the traps of the thesis as transcripts that are tests, and can be read as pages.',
      use: '[transcripts](../../packages/raft/test/transcripts/README.md)',
      tests: [
        'transcripts > figure 7 logs that differ',
        'transcripts > figure 8 entries of earlier terms',
        'transcripts > one way and bridge partitions',
        'transcripts > log repair message by message',
      ],
      called: 'transcripts',
    },
  ],
}
