const SLOTS = 16384

/** What of a key decides about its slot instead of all of it: what is between its first brace and the next closing one. */
export function hashTag(key: string): string | undefined {
  const open = key.indexOf('{')
  if (open < 0) return undefined
  const close = key.indexOf('}', open)
  return close > open + 1 ? key.slice(open + 1, close) : undefined
}

/** The slot of a key in a Cluster: CRC-16 (XMODEM) of its hash tag, or of all of it. */
export function slotOf(key: string): number {
  let crc = 0
  for (const byte of new TextEncoder().encode(hashTag(key) ?? key)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  }
  return (crc & 0xffff) % SLOTS
}
