import type { MemberStatus } from '@colony/gossip'

/** One line of a node's table. */
export interface Row {
  readonly peer: string
  readonly status: MemberStatus
  readonly load: number
}

/** What a node of `gossip.ts` tells. */
export interface Word {
  readonly from: string
  /** How it sees the others. */
  readonly rows?: readonly Row[]
  /** What changed. */
  readonly news?: string
  /** Why it sees one of them so, when it was asked. */
  readonly explanation?: string
}

/** The tables of all nodes as one: a line for each that is looked at, a column for each that looks. */
export function formatTable(ids: readonly string[], tables: ReadonlyMap<string, readonly Row[]>): string {
  const lookers = ids.filter((id) => tables.has(id))
  const width = 8
  const cell = (text: string): string => text.padEnd(width)
  const lines = ids.map((id) => {
    const cells = lookers.map((looker) => {
      const row = tables.get(looker)?.find(({ peer }) => peer === id)
      return cell(looker === id ? '·' : (row?.status ?? '-'))
    })
    const load = lookers.flatMap(
      (looker) => tables.get(looker)?.find(({ peer }) => peer === id)?.load ?? [],
    )[0]
    return `${cell(id)}${cells.join('')}${load === undefined ? '' : `load ${load.toFixed(2)}`}`.trimEnd()
  })
  return [`${cell('seen by')}${lookers.map(cell).join('')}`.trimEnd(), ...lines].join('\n')
}
