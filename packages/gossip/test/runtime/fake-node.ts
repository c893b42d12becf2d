import type { CoreEvent } from '../../src/core/core-event.ts'
import { expect } from 'vitest'
import type { GossipNode } from '../../src/runtime/gossip-node.ts'
import { GossipNode as Node } from '../../src/runtime/gossip-node.ts'
import { FrameChannel } from '../../src/runtime/frame-channel.ts'
import { resolveOptions, type GossipOptions } from '../../src/runtime/options.ts'
import { defineSchema, type AnyShape, type SchemaShape } from '../../src/runtime/schema.ts'
import { FakeCore, member, verdict } from './fake-core.ts'
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

const schema = defineSchema({ role: 'string', load: 'number', 'shard:*': 'number' })

/** A node with a typed state. `tell` lets its core tell something. */
export async function typedNode(): Promise<
  Awaited<ReturnType<typeof fakeNode<typeof schema.shape>>> & {
    readonly tell: (...events: CoreEvent[]) => void
  }
> {
  const made = await fakeNode({ state: schema, initial: { role: 'api' } })
  const tell = (...events: CoreEvent[]): void => {
    made.core.next(events)
    made.host.transport.peerClosed?.('b')
  }
  return { ...made, tell }
}

/** The bytes of a text. */
export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** An error with a code. */
export const code = (expected: string): unknown => expect.objectContaining({ code: expected })

/** Somebody is there. */
export const join = (id: string): CoreEvent => ({ type: 'join', member: member(id), why: verdict('alive') })

/** A key of somebody's has another value. */
export const state = (id: string, key: string, value: string | undefined): CoreEvent => ({
  ...{ type: 'state', id, key, version: 1 },
  value: value === undefined ? undefined : text(value),
})
