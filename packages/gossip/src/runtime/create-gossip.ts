import type { Host } from '@colony/host'
import { createCore } from './create-core.ts'
import { findEpoch } from './epoch.ts'
import { FrameChannel } from './frame-channel.ts'
import type { Gossip } from './gossip.ts'
import { GossipNode } from './gossip-node.ts'
import { resolveOptions, type GossipOptions, type ResolvedOptions } from './options.ts'
import { packetSizes } from './packet-sizes.ts'
import type { AnyShape, SchemaShape } from './schema.ts'

/**
 * Starts one node and resolves once it takes part: its transport is open and it looks for the others. Whether it has found any, {@link Gossip.ready} tells.
 *
 * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for options that can't be, naming the option and its range; what `initial` is refused for; what `epoch` rejects with.
 *   An error of the host (a `ColonyError` with a `HOST_…` code) when its transport can't be opened. Nothing is left open in any of these cases.
 * @category Node
 */
export async function createGossip<Shape extends SchemaShape = AnyShape>(
  options: GossipOptions<Shape>,
): Promise<Gossip<Shape>> {
  const resolved = resolveOptions(options)
  resolved.signal?.throwIfAborted()
  const epoch = await findEpoch(resolved)
  const lease = await resolved.host.open(resolved.id)
  let node: GossipNode<Shape>
  try {
    // The signal may have aborted meanwhile, when there was nobody yet to leave.
    resolved.signal?.throwIfAborted()
    node = createNode(resolved, epoch, lease)
  } catch (error) {
    await lease[Symbol.asyncDispose]()
    throw error
  }
  try {
    node.start()
  } catch (error) {
    await node.close()
    throw error
  }
  return node
}

function createNode<Shape extends SchemaShape>(
  options: ResolvedOptions<Shape>,
  epoch: number,
  lease: AsyncDisposable,
): GossipNode<Shape> {
  const { id, host, keyring } = options
  const address = options.address ?? ownAddress(host, id)
  const sealer = keyring?.bind(host.clusterId, id, epoch)
  const sizes = packetSizes(host.transport.capabilities, sealer?.overheadBytes ?? 0)
  const core = createCore(options, { address, epoch, ...sizes })
  const frames = new FrameChannel(host, sealer, sizes.packetBytes)
  return new GossipNode({ options, address, core, frames, lease })
}

/** Where a transport knows no addresses, a node is found by its id. */
function ownAddress({ transport, addresses }: Host, id: string): string {
  return transport.localAddress ?? addresses.get(id) ?? id
}
