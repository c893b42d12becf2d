import type { GossipNode } from '../../src/runtime/gossip-node.ts'
import { GossipNode as Node } from '../../src/runtime/gossip-node.ts'
import { FrameChannel } from '../../src/runtime/frame-channel.ts'
import { resolveOptions, type GossipOptions } from '../../src/runtime/options.ts'
import type { AnyShape, SchemaShape } from '../../src/runtime/schema.ts'
import { FakeCore } from './fake-core.ts'
import { ManualHost } from './manual-host.ts'

/** A node on a core that does what the test says. */
export async function fakeNode<Shape extends SchemaShape = AnyShape>(
  options: Partial<GossipOptions<Shape>> = {},
): Promise<{ node: GossipNode<Shape>; core: FakeCore; host: ManualHost }> {
  const host = new ManualHost()
  const core = new FakeCore()
  const resolved = resolveOptions<Shape>({ id: 'self', host, wallNow: () => 0, ...options })
  const lease = await host.open()
  const frames = new FrameChannel(host, undefined, 1400)
  const node = new Node<Shape>({ options: resolved, address: 'mem://self', core, frames, lease })
  node.start()
  return { node, core, host }
}
