import type { Codec } from '@colony/host'
import { jsonCodec } from '@colony/host'
import type { CaseSpec } from '../conformance-case.ts'
import type { Machine, MachineFactory } from './machine-factory.ts'

/** Any machine: cases do not know what it is about. */
export type AnyFactory = MachineFactory<unknown, unknown, Machine<unknown, unknown>>

/** What a case may need: a way to look at the state. */
export type MachineAbility = 'state'

/** A case of the suite. */
export type MachineCase = CaseSpec<MachineBench, MachineAbility>

/** Machines under way through the same log. */
export class MachineBench {
  readonly commands: readonly unknown[]
  readonly resultCodec: Codec<unknown>
  readonly #factory: AnyFactory
  readonly #codec: Codec<unknown>

  constructor(factory: AnyFactory) {
    this.#factory = factory
    this.#codec = factory.codec ?? jsonCodec()
    this.resultCodec = factory.resultCodec ?? jsonCodec()
    this.commands = factory.commands
  }

  /** A machine in its first state. */
  fresh(): Machine<unknown, unknown> {
    return this.#factory.machine()
  }

  /** Applies command number `at`, decoded anew as each node does it. */
  apply(machine: Machine<unknown, unknown>, at: number): unknown {
    const command = this.#codec.decode(this.#codec.encode(this.commands[at]))
    return machine.apply(command, { index: at + 1 })
  }

  /** As {@link MachineBench.apply}; what it throws becomes its result, since throwing is what another case looks for. */
  attempt(machine: Machine<unknown, unknown>, at: number): unknown {
    try {
      return this.apply(machine, at)
    } catch (error) {
      return `threw ${String(error)}`
    }
  }

  /** The results of all commands on a new machine. */
  results(): readonly unknown[] {
    const machine = this.fresh()
    return this.commands.map((_, at) => this.attempt(machine, at))
  }

  /** The state of a machine, to be looked at at once: it may change with the machine. */
  state(machine: Machine<unknown, unknown>): unknown {
    return this.#factory.state?.(machine)
  }
}
