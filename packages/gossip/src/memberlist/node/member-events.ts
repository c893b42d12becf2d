/// <reference lib="esnext.disposable" preserve="true" />
import type { SerfMember } from '../serf/serf-event.ts'
import type { SerfTags } from '../serf/tags.ts'
import type { SerfNode } from './serf.ts'

/**
 * News of a member in the words that placement understands: what `trackMembers` of `@colony/ring` takes as an event. Incarnations are not told: peers forget
 * members after half a minute, and those may begin to count anew. Events count in the order in which they come.
 * @category Interop
 */
export interface SerfMemberEvent {
  /** What is said. */
  readonly type: 'alive' | 'suspect' | 'updated' | 'failed' | 'left'
  /** Of whom. */
  readonly id: string
  /** Where it listens, and its tags. */
  readonly meta: { readonly address: string; readonly tags: SerfTags }
}

/** Tells a listener of everybody who is there, then all news. */
export function followMembers(
  node: Pick<SerfNode, 'members' | 'on'>,
  listener: (event: SerfMemberEvent) => void,
): Disposable {
  const tell = (type: SerfMemberEvent['type'], { id, address, tags }: SerfMember): void => {
    listener({ type, id, meta: { address, tags } })
  }
  const listening = [
    node.on('join', ({ member }) => tell('alive', member)),
    node.on('recover', ({ member }) => tell('alive', member)),
    node.on('update', ({ member }) => tell('updated', member)),
    node.on('suspect', ({ member }) => tell('suspect', member)),
    node.on('failed', ({ member }) => tell('failed', member)),
    node.on('leave', ({ member }) => tell('left', member)),
    node.on('reap', ({ member }) => tell('left', member)),
  ]
  for (const member of node.members()) {
    if (member.status === 'alive' || member.status === 'leaving') tell('alive', member)
  }
  return {
    [Symbol.dispose]: () => {
      for (const registration of listening) registration[Symbol.dispose]()
    },
  }
}
