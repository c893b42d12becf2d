import { counterSuite } from '../../scenario/counter-suite.ts'

// What worker threads import.

const SLOW_SEED = 2

/** Sound; some seeds take much longer than others, so that threads are done out of order. */
export const sound = counterSuite(undefined, {
  checks: {
    busy: ({ scenario }) => {
      const until = performance.now() + (scenario.seed === SLOW_SEED ? 200 : 0)
      while (performance.now() < until);
    },
  },
})

/** Fails from seed 2 on, and seed 2 is the last to say so. */
export const failing = counterSuite('loses one in ten', {
  invariants: {
    slow: ({ scenario, world }) => {
      if (scenario.seed !== SLOW_SEED || world.now < 990) return
      const until = performance.now() + 50
      while (performance.now() < until);
    },
  },
  perform: ({ run, node, operation }) =>
    node.call((counter) => {
      const lost = (operation.value as number) % 10 === 9 && Number(run.scenario.seed) >= SLOW_SEED
      return lost ? counter.value : (counter.value += 1)
    }),
})

/** Ends its thread. */
export const deadly = counterSuite(undefined, {
  boot: (_, { scenario }) => {
    if (scenario.seed === 3) process.exit(7)
    return { value: 0 }
  },
})

/** Never comes back from one seed. */
export const endless = counterSuite(undefined, {
  boot: (_, { scenario }) => {
    while (scenario.seed === 3);
    return { value: 0 }
  },
})

/** No suite. */
export const nothing = { name: 'nothing' }
