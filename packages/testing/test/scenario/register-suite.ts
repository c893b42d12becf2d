import { registerModel } from '../../src/check/register-model.ts'
import type { Suite } from '../../src/scenario/suite.ts'
import type { PlantedBug } from './quorum-register.ts'
import { QuorumRegister } from './quorum-register.ts'

/** A suite for the register on a majority, with a bug or without. */
export function registerSuite(
  bug?: PlantedBug,
  more: Partial<Suite<QuorumRegister>> = {},
): Suite<QuorumRegister> {
  return {
    name: 'quorum register',
    nodes: ['a', 'b', 'c', 'd', 'e'],
    durationMs: 5000,
    boot: ({ id, incarnation, host, disk }, { scenario }) =>
      QuorumRegister.start({ id, incarnation, host, disk, peers: scenario.nodes }, bug),
    workload: {
      clients: 3,
      gapMs: [20, 120],
      timeoutMs: 2000,
      next: (random, { count }) => (random.float() < 0.5 ? { f: 'read' } : { f: 'write', value: count + 1 }),
    },
    perform: ({ node, operation: { f, value } }) =>
      node.call((register) => (f === 'read' ? register.read() : register.write(value))),
    model: registerModel(),
    ...more,
  }
}
