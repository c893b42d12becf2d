import type { Suite } from '../../src/scenario/suite.ts'

/** What a {@link counterSuite} is made to do wrong. */
export type CounterBug = 'loses one in ten' | 'never comes back'

/** One node that counts in memory: the smallest suite, without a quorum. */
export function counterSuite(
  bug?: CounterBug,
  more: Partial<Suite<{ value: number }>> = {},
): Suite<{ value: number }> {
  const wakes = async ({ incarnation }: { readonly incarnation: number }): Promise<{ value: number }> => {
    if (bug === 'never comes back' && incarnation > 1) await new Promise(() => {})
    return { value: 0 }
  }
  return {
    name: 'counter',
    nodes: ['server'],
    durationMs: 1000,
    faults: { weights: { crash: 0, blackout: 0 } },
    boot: (node) => wakes(node),
    workload: { clients: 2, next: (_, { count }) => ({ f: 'add', value: count }) },
    perform: ({ node, operation }) =>
      node.call((counter) => {
        if (bug === 'loses one in ten' && (operation.value as number) % 10 === 9) return counter.value
        return (counter.value += 1)
      }),
    model: {
      init: () => 0,
      step: (state, { result, outcome }) => {
        const next = (state as number) + 1
        return { legal: outcome !== 'ok' || result === next, state: next }
      },
    },
    ...more,
  }
}
