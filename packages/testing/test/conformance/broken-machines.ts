import type { Machine, MachineFactory } from '../../src/conformance/index.ts'

interface Add {
  readonly add: number
}

/** A sum, and something that faults may have put beside it. */
interface Sum extends Machine<Add, unknown> {
  total: number
  extra?: number
}

type Factory = MachineFactory<Add, unknown, Sum>

/** A sound machine with the fault in place of its `apply`; `outside` is one for all machines. */
function sum(fault?: (machine: Sum, command: Add, outside: { calls: number }) => unknown): Factory {
  const outside = { calls: 0 }
  return {
    machine: () => {
      const machine: Sum = {
        total: 0,
        apply: (command) => {
          machine.total += command.add
          outside.calls += 1
          return fault === undefined ? machine.total : fault(machine, command, outside)
        },
      }
      return machine
    },
    commands: [{ add: 1 }, { add: 5 }, { add: -3 }, { add: 5 }],
    state: ({ total, extra }) => [total, extra],
  }
}

/** Does what its author should. */
export const SOUND_MACHINE: Factory = sum()

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_MACHINES: Readonly<Record<string, Factory>> = {
  'results come at once, not later': sum(({ total }) => Promise.resolve(total)),
  'no command makes the machine throw': sum(({ total }, { add }) => {
    if (add < 0) throw new Error('no such account')
    return total
  }),
  'the same commands give the same results, one machine after the other and side by side': sum(
    (_machine, _command, outside) => outside.calls,
  ),
  'the same commands give the same state': sum((machine, _command, outside) => {
    machine.extra = outside.calls
    return machine.total
  }),
  'it asks neither a clock nor chance, and leaves nothing to run later': sum(({ total }) =>
    Date.now() > 0 ? total : 0,
  ),
  'every result can be told to other nodes': sum(() => Number.NaN),
}
