import type { NodeId } from '@colony/host'
import { TestingError } from '../errors.ts'
import type { LinkSelection } from '../network/link-settings.ts'
import type { SimulatedNetwork } from '../network/simulated-network.ts'
import type { SimulatedNode } from '../world/simulated-node.ts'
import type { FaultStep } from './fault-step.ts'

/** What a fault may do to a node, whatever runs there. */
type FaultedNode = Pick<
  SimulatedNode,
  'state' | 'crash' | 'restart' | 'pause' | 'resume' | 'setClock' | 'setTimerSlack'
>

/** What faults are done to. */
export interface FaultTarget {
  /** The network between the nodes. */
  readonly network: SimulatedNetwork
  /** Finds a node; throws for an unknown one. */
  node(id: NodeId): FaultedNode
}

/** Carries out one fault now. */
export function performFault(target: FaultTarget, step: FaultStep): void {
  const { network } = target
  switch (step.do) {
    case 'crash':
      return target.node(step.node).crash({ power: step.power ?? true })
    case 'restart':
      return restartIfDown(target.node(step.node))
    case 'pause':
      return target.node(step.node).pause()
    case 'resume':
      return target.node(step.node).resume()
    case 'partition':
      return network.partition(step.groups)
    case 'cut':
      return step.links.forEach(([from, to]) => network.cut(from, to))
    case 'heal':
      return network.heal(selectionOf(step))
    case 'network':
      return network.configure(step.change, selectionOf(step))
    case 'clock':
      return changeClock(target.node(step.node), step)
    case 'timers':
      return target.node(step.node).setTimerSlack(step.slackMs)
    default:
      throw unknownFault(step)
  }
}

/** Every node that a step names, so that a typing error is found before the run and not in the middle of it. */
export function nodesOf(step: FaultStep): readonly NodeId[] {
  switch (step.do) {
    case 'crash':
    case 'restart':
    case 'pause':
    case 'resume':
    case 'clock':
    case 'timers':
      return [step.node]
    case 'partition':
      return step.groups.flat()
    case 'cut':
      return step.links.flat()
    case 'heal':
    case 'network':
      return [step.from, step.to].filter((id) => id !== undefined)
    default:
      throw unknownFault(step)
  }
}

function unknownFault(step: never): TestingError {
  return new TestingError('TESTING_INVALID_OPTION', `there is no fault '${String((step as FaultStep).do)}'`)
}

function restartIfDown(node: FaultedNode): void {
  if (node.state === 'down') node.restart()
}

function changeClock(
  node: FaultedNode,
  { rate, jumpMs }: { readonly rate?: number; readonly jumpMs?: number },
): void {
  if (node.state === 'down') return
  node.setClock({ ...(rate !== undefined && { rate }), ...(jumpMs !== undefined && { jumpMs }) })
}

function selectionOf({ from, to }: LinkSelection): LinkSelection {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}
