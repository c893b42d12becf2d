import type { Codec } from '@colony/host'

/**
 * `StateMachine` of `@colony/raft`, by its shape.
 * @category Conformance
 */
export interface Machine<Command, Result> {
  /** Applies one command and returns its result. */
  apply(command: Command, context: { readonly index: number }): Result
}

/**
 * A state machine and what to try it with, for {@link machineConformance}.
 * @category Conformance
 */
export interface MachineFactory<Command, Result, Tested extends Machine<Command, Result>> {
  /** Makes a machine in its first state. */
  machine(): Tested
  /**
   * Commands in the order of the log, at least one: those that succeed, those that are expected to fail, and the same ones again.
   * A machine is only tried with what is here.
   */
  readonly commands: readonly Command[]
  /**
   * Everything that the machine's later answers depend on, as plain data. Fields may be in any order, elements of lists may not.
   * Without it, states are compared through results alone.
   */
  readonly state?: (machine: Tested) => unknown
  /** As in the options of `createRaft`: every machine is given commands of its own, decoded from the same bytes. Default: strict JSON. */
  readonly codec?: Codec<Command>
  /** As in the options of `createRaft`. Default: strict JSON. */
  readonly resultCodec?: Codec<Result>
}
