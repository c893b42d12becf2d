import { GossipError } from '../../errors.ts'
import { SerfCore } from '../serf/serf-core.ts'
import { formatEndpoint, parseEndpoint } from '../wire/address.ts'
import { SEALED_BYTES } from '../wire/sealing.ts'
import { SerfDriver } from './driver.ts'
import {
  advertisedAddress,
  invalidOption,
  type ResolvedSerfOptions,
  resolveSerfOptions,
  type SerfOptions,
} from './options.ts'
import type { SerfNode } from './serf.ts'
import { RunningSerfNode } from './serf-node.ts'

/** A datagram of this size passes every network unbroken; peers use the same. */
const PACKET_BYTES = 1400
/** Most bytes that wait to be spread, of each kind of news. */
const QUEUE_BYTES = 1024 * 1024
/** What one exchange may bring: peers send up to this. */
const MAX_STREAM_BYTES = 20 * 1024 * 1024

/**
 * Becomes a member of a cluster of Serf agents, or of other such nodes, and resolves once a seed has let it in; without seeds at once. Seeds are tried again with
 * growing pauses until then, and later whenever nobody else is there.
 *
 * @throws A {@link GossipError}: `GOSSIP_INVALID_OPTION`; `GOSSIP_TOO_LARGE` for tags of more than 512 bytes; `GOSSIP_NOT_READY` when no seed answered in time.
 *   A `ColonyError` with code `HOST_ADDRESS_IN_USE` or `HOST_LISTEN_FAILED`. The signal's reason when it aborted. Nothing is left open in any of these cases.
 * @category Interop
 */
export async function joinSerf(options: SerfOptions): Promise<SerfNode> {
  const resolved = resolveSerfOptions(options)
  resolved.signal?.throwIfAborted()
  const started = await startNode(resolved)
  try {
    await started.joined
    return started.node
  } catch (error) {
    await started.node.close()
    throw error
  }
}

interface Started {
  readonly node: RunningSerfNode
  readonly joined: Promise<void>
}

async function startNode(options: ResolvedSerfOptions): Promise<Started> {
  const { transport, clock } = options
  let driver: SerfDriver | undefined
  const bound = await transport.open({
    packet: (from, bytes) => driver?.packet(from, bytes),
    connection: (connection) => {
      if (driver === undefined) connection.destroy()
      else driver.connection(connection)
    },
  })
  try {
    const address = advertisedAddress(bound, options.advertise)
    const core = createCore(options, address)
    let joined: () => void = () => {}
    driver = new SerfDriver(
      {
        core,
        transport,
        clock,
        label: options.label,
        keys: options.keys,
        limits: { maxBytes: MAX_STREAM_BYTES, maxNodes: options.maxMembers },
        streamTimeoutMs: options.timing.streamTimeoutMs,
      },
      { event: (event) => node.told(event), joined: () => joined(), left: () => node.left() },
    )
    const node = new RunningSerfNode({ options, core, driver, address })
    const isJoined = waitForSeed(options, (resolve) => {
      joined = resolve
    })
    driver.feed({ type: 'join', seeds: options.seeds })
    driver.feed({ type: 'tick' })
    return { node, joined: isJoined }
  } catch (error) {
    await transport.close()
    throw error
  }
}

function createCore(options: ResolvedSerfOptions, address: string): SerfCore {
  const endpoint = parseEndpoint(address)
  if (endpoint === undefined || formatEndpoint(endpoint.ip, endpoint.port) === undefined) {
    throw invalidOption(`${address} is not an address like "10.0.0.1:7946"`)
  }
  const { name, timing, random, maxMembers, tags, replay, keys, admit, clock, label } = options
  const sealed = keys === undefined ? 0 : SEALED_BYTES
  const core = {
    name,
    endpoint,
    // Others may remember a former life of this name as dead. Seconds since 1970 are above whatever it had counted to, and leave room until 2106; if
    // the time of day is wrong, the usual refutation comes one exchange later.
    incarnation: Math.floor(Date.now() / 1000),
    timing,
    random: random.fork(`serf:${name}`),
    packetBytes: PACKET_BYTES - label.header.length - sealed,
    maxMembers,
    queueBytes: QUEUE_BYTES,
    tags: { ...tags },
    replay,
    keys,
    admit,
  }
  return new SerfCore(core, clock.now())
}

async function waitForSeed(
  options: ResolvedSerfOptions,
  listen: (joined: () => void) => void,
): Promise<void> {
  const { seeds, clock, joinTimeoutMs, signal } = options
  if (seeds.length === 0) return
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const aborted = (): void => {
      timeout[Symbol.dispose]()
      reject(signal?.reason as Error)
    }
    const timeout = clock.after(joinTimeoutMs, () => {
      signal?.removeEventListener('abort', aborted)
      const text = `none of the seeds ${seeds.join(', ')} let this node in within ${joinTimeoutMs} ms`
      reject(new GossipError('GOSSIP_NOT_READY', text, { retryable: true }))
    })
    signal?.addEventListener('abort', aborted)
    listen(() => {
      timeout[Symbol.dispose]()
      signal?.removeEventListener('abort', aborted)
      resolve()
    })
  })
}
