/// <reference lib="esnext.disposable" preserve="true" />
import type { SerfMember } from '../serf/serf-event.ts'
import type { SerfMemberEvent } from './member-event.ts'
import type { SerfNode } from './serf.ts'

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
