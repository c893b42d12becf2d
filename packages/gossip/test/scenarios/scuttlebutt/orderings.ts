import type { Random } from '@colony/host'
import type { Delta, MappingTable } from './mapping-table.ts'

/** Which deltas go first when not all fit (van Renesse et al., 2008, sections 3.2 and 3.3). */
export type OrderingName = 'precise-oldest' | 'precise-newest' | 'scuttle-breadth' | 'scuttle-depth'

/** What one participant tells another that knows `receiver`: at most `limit` deltas. */
export type Ordering = (about: {
  readonly sender: MappingTable
  readonly receiver: MappingTable
  readonly limit: number
  /** When a version was written: only the precise orderings look at it, which is why they need clocks that agree. */
  readonly writtenAt: (owner: number, version: number) => number
  readonly random: Random
}) => readonly Delta[]

/** The four of the paper. */
export const ORDERINGS: Readonly<Record<OrderingName, Ordering>> = {
  'precise-oldest': ({ sender, receiver, limit, writtenAt }) =>
    byAge(missingMappings(sender, receiver), writtenAt, 1).slice(0, limit),
  'precise-newest': ({ sender, receiver, limit, writtenAt }) =>
    byAge(missingMappings(sender, receiver), writtenAt, -1).slice(0, limit),
  'scuttle-breadth': ({ sender, receiver, limit, random }) => {
    const owners = shuffled(missingPrefixes(sender, receiver), random)
    const deltas: Delta[] = []
    for (let rank = 0; deltas.length < limit; rank++) {
      const round = owners.flatMap((prefix) => prefix[rank] ?? [])
      if (round.length === 0) break
      deltas.push(...round)
    }
    return deltas.slice(0, limit)
  },
  'scuttle-depth': ({ sender, receiver, limit, random }) =>
    shuffled(missingPrefixes(sender, receiver), random)
      .toSorted((one, other) => other.length - one.length)
      .flat()
      .slice(0, limit),
}

/** Every mapping that is newer at the sender: to know them, the receiver has to say which version of every key it has. */
function missingMappings(sender: MappingTable, receiver: MappingTable): Delta[] {
  const { versions, keys } = sender
  const missing: Delta[] = []
  for (let place = 0; place < versions.length; place++) {
    const version = versions[place] ?? 0
    if (version <= (receiver.versions[place] ?? 0)) continue
    missing.push({ owner: Math.floor(place / keys), key: place % keys, version })
  }
  return missing
}

/** For each owner what is above the receiver's greatest version, oldest first: one number an owner is all that the receiver has to say. */
function missingPrefixes(sender: MappingTable, receiver: MappingTable): Delta[][] {
  const prefixes: Delta[][] = []
  for (let owner = 0; owner < sender.participants; owner++) {
    const known = receiver.maxima[owner] ?? 0
    if ((sender.maxima[owner] ?? 0) <= known) continue
    const prefix: Delta[] = []
    for (let key = 0; key < sender.keys; key++) {
      const version = sender.versionOf(owner, key)
      if (version > known) prefix.push({ owner, key, version })
    }
    prefixes.push(prefix.sort((one, other) => one.version - other.version))
  }
  return prefixes
}

function byAge(
  deltas: Delta[],
  writtenAt: (owner: number, version: number) => number,
  direction: number,
): Delta[] {
  const aged = deltas.map((delta) => ({ delta, at: writtenAt(delta.owner, delta.version) }))
  return aged.sort((one, other) => direction * (one.at - other.at)).map(({ delta }) => delta)
}

function shuffled<Item>(items: Item[], random: Random): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.integer(0, last)
    const [one, two] = [items[last] as Item, items[other] as Item]
    items[last] = two
    items[other] = one
  }
  return items
}
