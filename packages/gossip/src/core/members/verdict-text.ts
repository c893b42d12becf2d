import type { NodeId } from '@colony/host'
import type { MemberStatus, Verdict } from './member.ts'

/** One sentence that says why a member stands as it does. */
export function verdictText(
  id: NodeId,
  status: MemberStatus,
  path: Verdict['path'],
  accuser: NodeId,
): string {
  switch (status) {
    case 'alive':
      return path === 'sync'
        ? `${id} is alive, as a comparison with others showed`
        : `${id} says that it is alive`
    case 'suspect':
      return suspicionText(id, path, accuser)
    case 'failed':
      if (path === 'timeout') return `${id} did not refute in time that it does not answer ${accuser}`
      return `${accuser} declared ${id} failed`
    case 'left':
      return accuser === id ? `${id} said goodbye` : `${id} was removed by ${accuser}`
  }
}

function suspicionText(id: NodeId, path: Verdict['path'], accuser: NodeId): string {
  switch (path) {
    case 'direct':
      return `${id} did not answer, and nobody else was there to ask it`
    case 'indirect':
      return `${id} answered neither directly nor through others`
    case 'stream':
      return `${id} answered neither directly, nor through others, nor over a stream`
    case 'phi':
      return `${id} was silent for much longer than it usually is`
    default:
      return `${accuser} got no answer from ${id}`
  }
}
