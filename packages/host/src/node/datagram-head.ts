import { createHash } from 'node:crypto'
import type { Channel, NodeId } from '../core/identity.ts'
import { MAX_NAME_BYTES } from '../core/identity.ts'
import { readUtf8 } from '../core/utf8.ts'

/** Part of every hash: datagrams of another version are those of another cluster. */
const VERSION = 'colony datagram 1'

const CLUSTER_BYTES = 3
const CHANNEL_BYTES = 5
/** Bytes in front of the sender's id, with its length. */
const ID_AT = CLUSTER_BYTES + CHANNEL_BYTES + 1

/** Channels whose heads are kept. */
const HEADS = 4096

/** What a datagram says before its payload. */
export interface DatagramHead {
  /** Stands for the channel, see {@link DatagramHeads.channelTag}. */
  readonly channel: number
  readonly from: NodeId
  /** Where the payload begins. */
  readonly payload: number
}

/**
 * The heads of datagrams: `u24 cluster | u40 channel | u8 id bytes | id`. Cluster and channel are hashes of their names, so that a head costs nine bytes and the id:
 * what gossip says in an idle packet is not much longer than that. The stream's handshake compares the names themselves.
 */
export class DatagramHeads {
  readonly #cluster: string
  readonly #clusterTag: number
  readonly #sent = new Map<Channel, Buffer>()
  #id: Buffer = Buffer.alloc(0)

  constructor(cluster: string) {
    this.#cluster = cluster
    this.#clusterTag = hash(VERSION, cluster).readUIntBE(0, CLUSTER_BYTES)
  }

  /** Who sends from now on. */
  sender(id: NodeId): void {
    this.#id = Buffer.from(id, 'utf8')
    this.#sent.clear()
  }

  /** What stands for a channel: 40 bits of a hash of its name and the cluster's. */
  channelTag(channel: Channel): number {
    return hash(VERSION, this.#cluster, channel).readUIntBE(0, CHANNEL_BYTES)
  }

  /** What goes in front of a payload on `channel`; `undefined` for an impossible name. */
  of(channel: Channel): Buffer | undefined {
    const known = this.#sent.get(channel)
    if (known !== undefined) return known
    const bytes = Buffer.byteLength(channel, 'utf8')
    if (bytes === 0 || bytes > MAX_NAME_BYTES) return undefined
    const head = Buffer.alloc(ID_AT + this.#id.length)
    head.writeUIntBE(this.#clusterTag, 0, CLUSTER_BYTES)
    head.writeUIntBE(this.channelTag(channel), CLUSTER_BYTES, CHANNEL_BYTES)
    head[ID_AT - 1] = this.#id.length
    head.set(this.#id, ID_AT)
    if (this.#sent.size >= HEADS) this.#sent.clear()
    this.#sent.set(channel, head)
    return head
  }

  /** Reads the head of what somebody sent. */
  read(bytes: Buffer): DatagramHead | 'foreign' | 'malformed' {
    if (bytes.length < ID_AT || bytes.readUIntBE(0, CLUSTER_BYTES) !== this.#clusterTag) return 'foreign'
    const payload = ID_AT + (bytes[ID_AT - 1] ?? 0)
    if (payload === ID_AT || payload > bytes.length) return 'malformed'
    const from = readUtf8(bytes, ID_AT, payload)
    if (from === undefined) return 'malformed'
    return { channel: bytes.readUIntBE(CLUSTER_BYTES, CHANNEL_BYTES), from, payload }
  }
}

function hash(...names: readonly string[]): Buffer {
  const digest = createHash('sha256')
  // The length of each comes before it, so that no two lists are one text.
  for (const name of names) digest.update(`${name.length}:${name}`)
  return digest.digest()
}
