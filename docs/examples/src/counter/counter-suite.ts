// #region suite
import { counterModel, type Suite } from '@colony/testing'
import { Counter } from './counter.ts'

/** The counter under faults: what runs, what clients do, and what they may see. */
export const counterSuite: Suite<Counter> = {
  name: 'counter',
  nodes: ['a', 'b', 'c'],
  boot: ({ id, host, disk }) => Counter.start(id, host, disk),
  workload: {
    clients: 2,
    next: () => ({ f: 'inc', node: 'a' }),
  },
  perform: ({ node }) => node.call((counter) => counter.increment(['b', 'c'])),
  model: counterModel(),
  // The primary is always the same node: without it nothing works, so no quorum can be asked to.
  quorum: false,
}
// #endregion suite
