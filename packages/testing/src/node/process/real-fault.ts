import type { NodeId } from '@colony/host'
import type { NetworkStep, PlainFault } from '../../faults/fault-step.ts'
import type { RealNode } from './process-node.ts'
import type { ProxyNetwork } from './proxy-network.ts'

/**
 * What faults are done to.
 * @category Processes
 */
export interface RealTargets {
  /** The nodes, by their ids. */
  readonly nodes: Readonly<Record<NodeId, RealNode>>
  /** The network between them. Default: none that could be cut. */
  readonly network?: ProxyNetwork
}

/** What became of a step: when it is done, or why nothing was done. */
export interface Inflicted {
  readonly done: Promise<unknown>
  readonly skipped?: string
}

/** What connections of real processes can be made to do; the rest TCP repairs or never lets happen. */
const POSSIBLE: ReadonlySet<string> = new Set([
  'minLatencyMs',
  'meanLatencyMs',
  'distribution',
  'bytesPerSecond',
])

/** Carries out one step now. A step that makes no sense in the state of its node does nothing, as in a simulated world. */
export function inflict({ nodes, network }: RealTargets, step: PlainFault): Inflicted {
  switch (step.do) {
    case 'crash':
    case 'wipe':
    case 'restart':
    case 'pause':
    case 'resume': {
      const node = nodes[step.node]
      return node === undefined ? skipped(`there is no node '${step.node}'`) : inflictOn(node, step.do)
    }
    case 'partition':
    case 'cut':
    case 'heal':
    case 'network':
      return network === undefined
        ? skipped('there is no network to do it to')
        : inflictOnNetwork(network, step)
    default:
      return skipped(`'${step.do}' cannot be done to a real process`)
  }
}

type LifecycleKind = 'crash' | 'wipe' | 'restart' | 'pause' | 'resume'

function inflictOn(node: RealNode, kind: LifecycleKind): Inflicted {
  const { state } = node
  switch (kind) {
    case 'crash':
      return state === 'down' ? skipped('it is down') : { done: node.kill() }
    case 'wipe':
      return node.wipe === undefined ? skipped('it cannot be wiped') : { done: killAndWipe(node) }
    case 'restart':
      return state === 'down' ? { done: node.restart() } : skipped('it is not down')
    case 'pause':
      if (state !== 'up') return skipped(`it is ${state}`)
      node.pause()
      return nothingMore()
    case 'resume':
      if (state !== 'paused') return skipped('it is not paused')
      node.resume()
      return nothingMore()
  }
}

async function killAndWipe(node: RealNode): Promise<void> {
  if (node.state !== 'down') await node.kill()
  await node.wipe?.()
}

type NetworkFault = Extract<PlainFault, { readonly do: 'partition' | 'cut' | 'heal' | 'network' }>

function inflictOnNetwork(network: ProxyNetwork, step: NetworkFault): Inflicted {
  switch (step.do) {
    case 'partition':
      network.partition(step.groups)
      return nothingMore()
    case 'cut':
      for (const [from, to] of step.links) if (from !== to) network.cut(from, to)
      return nothingMore()
    case 'heal':
      network.heal(step)
      return nothingMore()
    case 'network':
      return configure(network, step)
  }
}

function configure(network: ProxyNetwork, { change, from, to }: NetworkStep): Inflicted {
  const possible = Object.fromEntries(Object.entries(change).filter(([field]) => POSSIBLE.has(field)))
  if (Object.keys(possible).length === 0) {
    return skipped(`${Object.keys(change).join(', ')}: not within a connection`)
  }
  network.configure(possible, { ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
  return nothingMore()
}

function nothingMore(): Inflicted {
  return { done: Promise.resolve() }
}

function skipped(why: string): Inflicted {
  return { done: Promise.resolve(), skipped: why }
}
