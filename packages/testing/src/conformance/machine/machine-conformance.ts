import { requireRange } from '../../errors.ts'
import { bindCases, type ConformanceCase } from '../conformance-case.ts'
import { type AnyFactory, MachineBench } from './machine-bench.ts'
import { MACHINE_CASES } from './machine-cases.ts'
import type { Machine, MachineFactory } from './machine-factory.ts'

/**
 * What every `StateMachine` of `@colony/raft` must do, as its documentation says: be deterministic. Two machines are given the same
 * commands and compared; the clocks, random sources and timers of JavaScript are watched while a command is applied.
 *
 * What it cannot see: code that reads a file, an environment variable or a clock of its own.
 * @example
 * ```ts
 * const factory = { machine: () => new Bank(), commands, state: (bank) => [...bank.accounts] }
 * for (const c of machineConformance(factory)) test(c.name, c.run)
 * ```
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when there is no command.
 * @category Conformance
 */
export function machineConformance<Command, Result, Tested extends Machine<Command, Result>>(
  factory: MachineFactory<Command, Result, Tested>,
): readonly ConformanceCase[] {
  requireRange('the number of commands', factory.commands.length, 1, Number.MAX_SAFE_INTEGER)
  // The cases carry commands from the factory to its machines and look at none of them.
  const any = factory as unknown as AnyFactory
  return bindCases(MACHINE_CASES, factory.state === undefined ? [] : ['state'], async (check) => {
    await check(new MachineBench(any))
  })
}
