import { hash } from 'node:crypto'
import { buildCircle, Circle, ownerArray } from '../core/circle.ts'
import { fingerprintOf } from '../core/fingerprint.ts'
import { keyData, type Key } from '../core/key.ts'
import { findMember } from '../core/members.ts'
import type { ArcPlacement, ReplicaOptions } from '../core/placement.ts'
import { checkedCount, choose, firstDistinct, walkFrom } from '../core/walk.ts'
import {
  ketamaNodes,
  resolveKetama,
  type KetamaNode,
  type KetamaOptions,
  type KetamaServers,
  type ResolvedKetama,
} from './ketama-options.ts'

const NO_OVERRIDES: ReadonlyMap<string, string> = new Map()

/**
 * A ring that keeps keys where libmemcached or npm's `hashring` placed them; see {@link createKetama}. An immutable snapshot. p is its number
 * of points, about 160 a server.
 * @category Strategies
 */
export class Ketama<Node extends KetamaNode = KetamaNode> implements ArcPlacement<Node> {
  readonly nodes: readonly Node[]
  /** Always empty: neither client can place keys by name. */
  readonly overrides: ReadonlyMap<string, string> = NO_OVERRIDES
  readonly #circle: Circle
  #fingerprint: string | undefined

  /** @internal Use {@link createKetama}. */
  constructor(nodes: readonly Node[], circle: Circle) {
    this.nodes = nodes
    this.#circle = circle
  }

  /** O(p) the first time, then remembered. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf('md5', this)
    return this.#fingerprint
  }

  /**
   * The first four bytes of the key's md5, the lowest first. O(length of the key), about a microsecond. A `Uint8Array` is hashed as its bytes; `hashring` turns keys into
   * text first, which is the same for a `Buffer` of UTF-8.
   * @throws A `RingError` with code `RING_INVALID_KEY` for a value that is no key.
   */
  position(key: Key): number {
    return hash('md5', keyData(key), 'buffer').readUInt32LE(0)
  }

  /** The first server at or after the key's position; `undefined` when there is none with any points. O(length of the key). */
  owner(key: Key): Node | undefined {
    const position = this.position(key)
    const { points } = this.#circle
    return points.length === 0 ? undefined : this.nodes[this.#circle.ownerOf(position)]
  }

  /** What `hashring` calls `range`. O(k) typically, O(p) at worst; with `spread` or `skip` O(p). */
  replicas(key: Key, count: number, options?: ReplicaOptions<Node>): Node[] {
    return this.replicasAt(this.position(key), count, options)
  }

  replicasAt(position: number, count: number, options?: ReplicaOptions<Node>): Node[] {
    checkedCount(count)
    if (this.#circle.points.length === 0) return []
    if (options === undefined) return firstDistinct(this.#circle, this.nodes, position, count)
    return choose(walkFrom(this.#circle, this.nodes, position), count, options)
  }

  boundaries(): Uint32Array {
    return this.#circle.boundaries()
  }
}

/**
 * Places every key exactly where a memcached client has it: libmemcached with weighted ketama, or `hashring` of npm. For those who switch with
 * caches that are warm. Their faults are kept, so that keys stay where they are: shares are of the total, so a change of one weight moves keys between
 * the others; rounding down loses digests at some numbers of servers, and a server of little weight may get no point at all. Move to `createRing`
 * when you can; `compare` says, key by key, what that moves.
 *
 * O(p log p), and 40 md5 a server.
 * @example
 * ```ts
 * const before = createKetama(['10.0.0.1:11211', '10.0.0.2:11211'], { like: 'hashring' })
 * before.owner('user:42')?.id // what new HashRing([...]).get('user:42') returns
 * ```
 * @throws A `RingError`: `RING_INVALID_OPTION`, `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`.
 * @category Strategies
 */
export function createKetama<Node extends KetamaNode>(
  servers: Iterable<Node>,
  options?: KetamaOptions,
): Ketama<Node>
export function createKetama(servers: KetamaServers, options?: KetamaOptions): Ketama
export function createKetama(servers: KetamaServers, options: KetamaOptions = {}): Ketama {
  const resolved = resolveKetama(options)
  const { given, sorted } = ketamaNodes(servers)
  const active = given.filter(({ weight = 1 }) => weight > 0)
  const total = active.reduce((sum, { weight = 1 }) => sum + weight, 0)
  const batches = active.map((node, index) => {
    const digests = digestsOf(node, total, active.length, resolved)
    return { node: index, points: pointsFor(pointName(node.id, resolved), digests, resolved.pointsPerDigest) }
  })
  // Built in the order given, which decides between two servers at one point, then numbered in the order of the ids.
  const { points, owners } = buildCircle(batches, active.length)
  const renumber = active.map(({ id }) => findMember(sorted, id))
  const renumbered = ownerArray(owners.length, sorted.length)
  for (let at = 0; at < owners.length; at++) renumbered[at] = renumber[owners[at] as number] as number
  return new Ketama(sorted, new Circle({ points, owners: renumbered }))
}

/** Step by step as the original rounds: 1/25 · 40 · 25 is 39.99… in 32-bit floats, 1/7 · 40 · 7 in doubles. */
function digestsOf(
  { weight = 1, vnodes }: KetamaNode,
  total: number,
  count: number,
  options: ResolvedKetama,
): number {
  if (vnodes !== undefined && vnodes !== options.vnodes) return vnodes
  const round = options.like === 'libmemcached' ? Math.fround : (value: number): number => value
  const share = round(round(weight) / round(total))
  return Math.floor(round(round(share * options.vnodes) * count))
}

/** libmemcached is given host and port apart, so its port is what follows the last colon; `hashring` cuts at every colon. */
function pointName(id: string, { like, defaultPort }: ResolvedKetama): string {
  if (defaultPort === 0) return id
  if (like === 'libmemcached') return id.endsWith(`:${defaultPort}`) ? id.slice(0, id.lastIndexOf(':')) : id
  const [host = '', port] = id.split(':')
  return Number(port) === defaultPort ? host : id
}

function pointsFor(name: string, digests: number, pointsPerDigest: number): Uint32Array {
  const points = new Uint32Array(digests * pointsPerDigest)
  for (let i = 0, at = 0; i < digests; i++) {
    const digest = hash('md5', `${name}-${i}`, 'buffer')
    for (let j = 0; j < pointsPerDigest; j++) points[at++] = digest.readUInt32LE(j * 4)
  }
  return points
}
