import { randomInt } from 'node:crypto'
import { type NodeId, requireDuration, requireInteger, requireName, showValue } from '@colony/host'
import { GossipError } from '../errors.ts'
import type { FrameSealer, Keyring } from '../runtime/keyring.ts'
import { FrameSeal, type SealCounters } from './frame-seal.ts'
import { GossipKey } from './gossip-key.ts'
import { LAST_EPOCH, wallEpoch } from './wall-epoch.ts'

const MAX_KEYS = 16

const invalid = (message: string): GossipError => new GossipError('GOSSIP_INVALID_OPTION', message)

/**
 * What a keyring is made of.
 * @category Security
 */
export interface KeyringOptions {
  /** The cluster's keys, 1 to 16, each 32 random bytes, as they are or as Base64 (`openssl rand -base64 32`). The first seals; all of them open. */
  readonly keys: readonly (Uint8Array | string)[]
  /**
   * How long a sender must have been silent before it is heard again in an earlier life than the one it was last heard in, in milliseconds, 1000 to 86,400,000. Default 60,000.
   * Needed only by a node whose clock was set back and whose epoch is not kept in a file ({@link fileEpoch}); until then its frames count as replays.
   */
  readonly replayWindowMs?: number
  /** Monotonic time in milliseconds. Default: `performance.now`. */
  readonly now?: () => number
}

/**
 * What a keyring has done, in all nodes that it is bound to.
 * @category Security
 */
export interface KeyringStats {
  /** Frames sealed. */
  readonly sealed: number
  /** Frames opened. */
  readonly opened: number
  /** Frames that are not sealed at all, or not by a keyring of this kind. */
  readonly foreign: number
  /** Frames that name a key which is not among ours: of another cluster, or of a rotation that this node was left out of. */
  readonly unknownKey: number
  /** Frames that came before, or are of an earlier life of their sender. */
  readonly replayed: number
  /** Frames that were altered, made without the key, or meant for another receiver, sender or cluster. */
  readonly forged: number
  /** Senders that are remembered, to tell replays. */
  readonly senders: number
}

/**
 * Keys of AES-256 in Galois/Counter mode, that may be changed while nodes run. To change the key of a cluster without losing a message: `add` the new one on every node, then `use` it on every node, then
 * `remove` the old one on every node.
 * @category Security
 */
export interface RotatingKeyring extends Keyring {
  /**
   * Opens with one key more. Does nothing when it is there.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for what is no key, and for the seventeenth.
   */
  add(key: Uint8Array | string): void
  /**
   * Seals with this key from now on; all others go on opening.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a key that was not added.
   */
  use(key: Uint8Array | string): void
  /**
   * Opens no longer with this key. Does nothing when it is not there.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for the key in use.
   */
  remove(key: Uint8Array | string): void
  /** Names of the keys, the one in use first: six hexadecimal digits of a hash, the same on every node, which may be shown and logged. */
  readonly names: readonly string[]
  /** What the keyring has done so far. A copy. */
  stats(): KeyringStats
}

/**
 * Encrypts and authenticates everything that nodes with these keys say to each other. A frame is 32 bytes longer than what is in it. It opens only for the receiver that it is for, in the same cluster, as
 * sent by its sender, and once: each node remembers which frames of the last 992 of each sender it has taken (of up to 16,384 senders), and the start of each sender.
 *
 * Who has a key can be any node: keys keep strangers out and tell nodes of the cluster nothing about each other. Where that is not enough use mutual TLS.
 * @example
 * ```ts
 * const keyring = createKeyring({ keys: [process.env.GOSSIP_KEY ?? ''] })
 * const gossip = await createGossip({ id: 'api-7', host, keyring })
 * ```
 * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` that names the option.
 * @category Security
 */
export function createKeyring(options: KeyringOptions): RotatingKeyring {
  if (typeof options !== 'object' || options === null)
    throw invalid(`options must be an object with keys, not ${showValue(options)}`)
  const { keys, replayWindowMs = 60_000, now = () => performance.now() } = options
  if (!Array.isArray(keys) || keys.length === 0) throw invalid('keys must be an array of 1 to 16 keys')
  requireDuration(invalid, 'replayWindowMs', replayWindowMs, 1000, 86_400_000)
  if (typeof now !== 'function') throw invalid(`now must be a function, not ${showValue(now)}`)
  const keyring = new KeyTable(replayWindowMs, now)
  for (const key of keys as readonly (Uint8Array | string)[]) keyring.add(key)
  return keyring
}

class KeyTable implements RotatingKeyring {
  readonly #replayWindowMs: number
  readonly #now: () => number
  readonly #seals = new Set<WeakRef<FrameSeal>>()
  readonly #counters: SealCounters = {
    sealed: 0,
    opened: 0,
    foreign: 0,
    unknownKey: 0,
    replayed: 0,
    forged: 0,
  }
  #keys: readonly GossipKey[] = []

  constructor(replayWindowMs: number, now: () => number) {
    this.#replayWindowMs = replayWindowMs
    this.#now = now
  }

  get names(): readonly string[] {
    return this.#keys.map(({ name }) => name)
  }

  add(key: Uint8Array | string): void {
    const added = GossipKey.of(key)
    if (this.#find(added) !== undefined) return
    if (this.#keys.length >= MAX_KEYS)
      throw invalid(`a keyring has at most ${MAX_KEYS} keys: remove old ones`)
    this.#keys = [...this.#keys, added]
  }

  use(key: Uint8Array | string): void {
    const used = this.#find(GossipKey.of(key))
    if (used === undefined) throw invalid('use() takes a key that was added, on every node, before')
    this.#keys = [used, ...this.#keys.filter((other) => other !== used)]
  }

  remove(key: Uint8Array | string): void {
    const removed = this.#find(GossipKey.of(key))
    if (removed !== undefined && removed === this.#keys[0])
      throw invalid(`the key '${removed.name}' is in use: use() another one, on every node, before`)
    this.#keys = this.#keys.filter((other) => other !== removed)
  }

  bind(cluster: string, self: NodeId, epoch: number = wallEpoch()): FrameSealer {
    const seal = new FrameSeal({
      cluster: requireName(invalid, 'cluster', cluster),
      self: requireName(invalid, 'self', self),
      start: { epoch: requireInteger(invalid, 'epoch', epoch, 0, LAST_EPOCH), salt: randomInt(2 ** 24) },
      keys: () => this.#keys,
      counters: this.#counters,
      replayWindowMs: this.#replayWindowMs,
      now: this.#now,
    })
    this.#seals.add(new WeakRef(seal))
    return seal
  }

  stats(): KeyringStats {
    let senders = 0
    for (const reference of this.#seals) {
      const seal = reference.deref()
      if (seal === undefined) this.#seals.delete(reference)
      else senders += seal.senders
    }
    return { ...this.#counters, senders }
  }

  #find(key: GossipKey): GossipKey | undefined {
    return this.#keys.find((known) => known.equals(key))
  }
}
