import type { NodeId } from '@colony/host'
import type { DrivenCore } from './driven-core.ts'
import { isPresent } from './peer-table.ts'

/** How much of a cluster is there. */
export interface Majority {
  /** More than half of it. */
  readonly held: boolean
  /** Members that are alive or suspect, this node included. */
  readonly present: number
  /** Members that are known and have not left. */
  readonly known: number
}

/** How much of the cluster, or of the named nodes, this node sees. */
export function countMajority(members: DrivenCore['members'], of?: readonly NodeId[]): Majority {
  let present = 0
  let known = 0
  if (of === undefined) {
    for (const member of members.all()) {
      if (isPresent(member)) present += 1
      if (member.status !== 'left') known += 1
    }
  } else {
    for (const id of new Set(of)) {
      const member = members.get(id)
      if (member !== undefined && isPresent(member)) present += 1
      known += 1
    }
  }
  return { held: present * 2 > known, present, known }
}
