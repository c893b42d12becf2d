import { RingError } from '../core/ring-error.ts'
import { sortedMembers, type RingNode } from '../core/members.ts'

/**
 * Whose places are kept. The two agree but for their arithmetic and for the port that they leave out, and both matter: see {@link KetamaOptions.like}.
 * @category Strategies
 */
export type KetamaDialect = 'libmemcached' | 'hashring'

/**
 * A server. Its `id` is `host:port` as the other client has it, `weight` a share of the total and not a number of points, default 1.
 * Weight 0 leaves the server out, as a member that is drained; the other clients take it for 1.
 * @category Strategies
 */
export interface KetamaNode extends RingNode {
  /**
   * As many digests as this, whatever its weight: what `hashring` calls `vnodes` of a server. A whole number from 1 to 65,536. The number that
   * {@link KetamaOptions.vnodes} has anyway changes nothing, as there. Default: by weight.
   */
  readonly vnodes?: number
}

/**
 * Servers as `hashring` takes them: one name, a list of names or of nodes, or a record of weights. Of two points at one place the server that
 * was named first has it, so pass them in the order in which the other client has them.
 * @category Strategies
 */
export type KetamaServers =
  string | Iterable<string | KetamaNode> | Readonly<Record<string, number | Omit<KetamaNode, 'id'>>>

/**
 * How keys were placed until now. Everything must be the same in every process.
 * @category Strategies
 */
export interface KetamaOptions {
  /**
   * Whose arithmetic: `'libmemcached'` (with `MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED`) counts in 32-bit floats and leaves the port 11211 out of the names of
   * points; `'hashring'` (of npm, 3.2.0) counts in doubles and leaves no port out. Rounding loses one digest of each server at different numbers
   * of equal servers: 25, 47, 50, 55 … of the former and 7, 14, 28, 49 … of the latter. Default `'libmemcached'`.
   */
  readonly like?: KetamaDialect
  /**
   * The port that is left out, so that a point is named `host-0` and not `host:11211-0`: `default port` of `hashring`. 0: none. Default: 11211 like
   * libmemcached, 0 like `hashring`.
   */
  readonly defaultPort?: number
  /** Digests a server has when all weigh the same: `vnode count` of `hashring`. 1 to 65,536, default 40. */
  readonly vnodes?: number
  /** Points made of one digest: 3 is `compatibility: 'hash_ring'` of `hashring`. 1 to 4, default 4. */
  readonly pointsPerDigest?: number
}

/** Options with every default filled in. */
export type ResolvedKetama = Required<KetamaOptions>

const NAMES: readonly string[] = ['like', 'defaultPort', 'vnodes', 'pointsPerDigest']

/** Fills in defaults. @throws A {@link RingError} with code `RING_INVALID_OPTION`. */
export function resolveKetama(options: KetamaOptions): ResolvedKetama {
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) {
      throw new RingError(
        'RING_INVALID_OPTION',
        `${name} is no option of createKetama; there are ${NAMES.join(', ')}`,
      )
    }
  }
  const { like = 'libmemcached', vnodes = 40, pointsPerDigest = 4 } = options
  if (like !== 'libmemcached' && like !== 'hashring') {
    throw new RingError(
      'RING_INVALID_OPTION',
      `like must be 'libmemcached' or 'hashring', not ${String(like)}`,
    )
  }
  const { defaultPort = like === 'libmemcached' ? 11_211 : 0 } = options
  whole('RING_INVALID_OPTION', 'defaultPort', defaultPort, 0, 65_535)
  whole('RING_INVALID_OPTION', 'vnodes', vnodes, 1, 65_536)
  whole('RING_INVALID_OPTION', 'pointsPerDigest', pointsPerDigest, 1, 4)
  return { like, defaultPort, vnodes, pointsPerDigest }
}

/** Servers as nodes: in the order given, and sorted by id. @throws A {@link RingError}: `RING_INVALID_NODE`, `RING_DUPLICATE_NODE`. */
export function ketamaNodes(servers: KetamaServers): { given: KetamaNode[]; sorted: readonly KetamaNode[] } {
  const given = listed(servers)
  const sorted = sortedMembers(given)
  for (const { id, vnodes } of sorted) {
    if (vnodes !== undefined) whole('RING_INVALID_NODE', `vnodes of '${id}'`, vnodes, 1, 65_536)
  }
  return { given, sorted }
}

function listed(servers: KetamaServers): KetamaNode[] {
  if (typeof servers === 'string') return [{ id: servers }]
  if (Symbol.iterator in servers) {
    return [...servers].map((server) => (typeof server === 'string' ? { id: server } : server))
  }
  return Object.entries(servers).map(([id, value]) =>
    typeof value === 'number' ? { id, weight: value } : { ...value, id },
  )
}

function whole(
  code: 'RING_INVALID_OPTION' | 'RING_INVALID_NODE',
  what: string,
  value: number,
  least: number,
  most: number,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RingError(code, `${what} must be a whole number from ${least} to ${most}, not ${String(value)}`)
}
