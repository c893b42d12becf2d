import type { NodeId } from '@colony/host'
import type { ArmedFault, ArmStep } from './fault-step.ts'
import type { Lookup } from './roles.ts'
import { withNodes } from './roles.ts'

interface Armed {
  readonly step: ArmStep
  /** How often the point still has to be reached before it counts. */
  skip: number
}

/** Faults that wait for code to get somewhere. */
export class ArmedFaults {
  #armed: Armed[] = []

  /** Lets a fault wait; the result ends that. */
  arm(step: ArmStep): () => void {
    const armed = { step, skip: step.skip ?? 0 }
    this.#armed.push(armed)
    return () => void (this.#armed = this.#armed.filter((each) => each !== armed))
  }

  /** Nothing waits any more. */
  disarm(): void {
    this.#armed = []
  }

  /** Says that `node` is at `point`; returns what is to happen now, `@here` replaced by the node. */
  reached(point: string, node: NodeId, lookup: Lookup): readonly (readonly [ArmStep, ArmedFault])[] {
    if (this.#armed.length === 0) return []
    const due = this.#armed.filter((armed) => {
      const { step } = armed
      if (step.point !== point) return false
      if (step.node !== undefined && lookup(step.node) !== node) return false
      armed.skip -= 1
      return armed.skip < 0
    })
    if (due.length === 0) return []
    this.#armed = this.#armed.filter((armed) => !due.includes(armed))
    return due.map(({ step }) => [step, here(step.then, node)] as const)
  }
}

function here(fault: ArmedFault, node: NodeId): ArmedFault {
  const step = { ...fault, at: 0 }
  return withNodes(step, (name) => (name === '@here' ? node : name)) ?? step
}
