/** Where a member listens, as its messages carry it: 4 or 16 bytes and a port. */
export interface Endpoint {
  /** An IPv4 or IPv6 address in network order. */
  readonly ip: Uint8Array
  /** 1 to 65535. */
  readonly port: number
}

/** IPv4 addresses within IPv6 (`::ffff:a.b.c.d`), as Go's 16-byte form of them has it. */
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

/** `a.b.c.d:port` or `[v6]:port`; `undefined` when `ip` is no address or the port is 0. */
export function formatEndpoint(ip: Uint8Array, port: number): string | undefined {
  if (port < 1 || port > 0xffff) return undefined
  const short = unmapped(ip)
  if (short.length === 4) return `${short.join('.')}:${port}`
  return short.length === 16 ? `[${formatV6(short)}]:${port}` : undefined
}

/** The reverse of {@link formatEndpoint}; `undefined` for anything that is not a literal address with a port. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const colon = text.lastIndexOf(':')
  const port = parsePort(text.slice(colon + 1))
  if (colon < 1 || port === undefined) return undefined
  const host = text.slice(0, colon)
  const ip = host.startsWith('[') && host.endsWith(']') ? parseV6(host.slice(1, -1)) : parseV4(host)
  return ip === undefined ? undefined : { ip: unmapped(ip), port }
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 0xffff ? port : undefined
}

function unmapped(ip: Uint8Array): Uint8Array {
  const isMapped = ip.length === 16 && MAPPED.every((byte, at) => ip[at] === byte)
  return isMapped ? ip.subarray(12) : ip
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256))
  return bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined
}

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(groupsOf)
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 16-bit groups of one side of `::`; an IPv4 address at the end is two of them. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    const v4 = part.includes('.') ? parseV4(part) : undefined
    if (v4 !== undefined) groups.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0))
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** RFC 5952: lower case, the first longest run of two or more zero groups as `::`. */
function formatV6(ip: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((ip[2 * at] ?? 0) << 8) | (ip[2 * at + 1] ?? 0))
  let start = -1
  let longest = 1
  for (let at = 0; at < 8; at++) {
    let end = at
    while (end < 8 && groups[end] === 0) end++
    if (end - at > longest) [start, longest] = [at, end - at]
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + longest))}`
}
