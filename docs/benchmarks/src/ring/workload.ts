/** Ids of `count` nodes: `10.0.x.y:7000`. */
export function nodeIds(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}:7000`)
}

/** `count` keys, user ids and uuids in turn, the same in every process. */
export function makeKeys(count: number): string[] {
  const random = xorshift(0x2545f491)
  return Array.from({ length: count }, (_, at) =>
    flat(at % 2 === 0 ? `user:${1_000_000 + 7 * (at >> 1)}` : uuid(random)),
  )
}

/** A rearrangement of the list, always the same one. */
export function shuffled<Item>(items: readonly Item[]): Item[] {
  const random = xorshift(0x9e3779b9)
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('')
  const variant = (8 + (random() & 3)).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** The engine keeps a text put together from pieces as pieces; keys come out of sockets and files, in one. */
function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** Marsaglia's 32-bit xorshift: 1 to 2^32 - 1. */
function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
