import type { NodeId } from '@colony/host'
import type { DiskChange } from '../disk/disk-settings.ts'
import type { FaultyNetwork } from '../network/faulty-network.ts'
import type { LinkSelection } from '../network/link-settings.ts'
import type { ClockChange, NodeState } from '../world/simulated-node.ts'
import type { PlainFault } from './fault-step.ts'
import { unknownFault } from './roles.ts'

/** What a fault may do to a node, whatever runs there. */
export interface FaultedNode {
  /** What the node is doing. */
  readonly state: NodeState
  /** Ends the process, with the power or without. */
  crash(options: { readonly power: boolean }): void
  /** Ends the process and empties the disk. */
  wipe(): void
  /** Starts the next process. */
  restart(): void
  /** Stops the process where it is. */
  pause(): void
  /** Lets it go on. */
  resume(): void
  /** Changes its clocks. */
  setClock(change: ClockChange): void
  /** Makes its timers late. */
  setTimerSlack(maxLateMs: number): void
  /** Makes its event loop slow. */
  setLoop(maxBusyMs: number): void
  /** Its disk, where it has one. */
  readonly disk?: { configure(change: DiskChange): void }
}

/** What faults are done to. */
export interface FaultTarget {
  /** The network between the nodes. */
  readonly network: FaultyNetwork
  /** Finds a node; throws for an unknown one. */
  node(id: NodeId): FaultedNode
}

/** Carries out one fault now, other than `disarm`, which is not done to nodes. No role is left in it. */
export function performFault(target: FaultTarget, step: PlainFault): void {
  const { network } = target
  switch (step.do) {
    case 'crash':
      return target.node(step.node).crash({ power: step.power ?? true })
    case 'wipe':
      return target.node(step.node).wipe()
    case 'restart':
      return restartIfDown(target.node(step.node))
    case 'pause':
      return target.node(step.node).pause()
    case 'resume':
      return target.node(step.node).resume()
    case 'partition':
      return network.partition(step.groups)
    case 'cut':
      for (const [from, to] of step.links) if (from !== to) network.cut(from, to)
      return
    case 'heal':
      return network.heal(selectionOf(step))
    case 'network':
      return network.configure(step.change, selectionOf(step))
    case 'clock':
      return target.node(step.node).setClock(step)
    case 'timers':
      return target.node(step.node).setTimerSlack(step.slackMs)
    case 'loop':
      return target.node(step.node).setLoop(step.busyMs)
    case 'disk':
      return target.node(step.node).disk?.configure(step.change)
    case 'disarm':
      return
    default:
      throw unknownFault(step)
  }
}

function restartIfDown(node: FaultedNode): void {
  if (node.state === 'down') node.restart()
}

function selectionOf({ from, to }: LinkSelection): LinkSelection {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}
