import { createHmac } from 'node:crypto'
import type { NodeId } from '@colony/host'
import { showValue } from '@colony/host'
import { GossipError } from '../errors.ts'

/** AES-256. */
const KEY_BYTES = 32

/** Bytes of a key's id on the wire. */
export const KEY_ID_BYTES = 3

/** One key of a cluster. */
export class GossipKey {
  /** Stands for the key on the wire: a hash, which says nothing of the key and lets frames of other keys be told at a glance. */
  readonly id: number
  readonly #secret: Buffer

  private constructor(secret: Buffer) {
    this.#secret = secret
    this.id = this.#derive('key id').readUIntBE(0, KEY_ID_BYTES)
  }

  /**
   * Takes 32 bytes, as they are or as Base64.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION`.
   */
  static of(key: Uint8Array | string): GossipKey {
    const bytes = typeof key === 'string' ? fromBase64(key) : key
    if (!(bytes instanceof Uint8Array) || bytes.length !== KEY_BYTES) {
      const shown = bytes instanceof Uint8Array ? `${bytes.length} bytes` : showValue(key).slice(0, 8)
      throw new GossipError(
        'GOSSIP_INVALID_OPTION',
        `a key is ${KEY_BYTES} random bytes, as Uint8Array or as Base64 (openssl rand -base64 ${KEY_BYTES}), not ${shown}`,
      )
    }
    return new GossipKey(Buffer.from(bytes))
  }

  /** As it is shown to people. */
  get name(): string {
    return this.id.toString(16).padStart(2 * KEY_ID_BYTES, '0')
  }

  /** Whether it is the same key. */
  equals(other: GossipKey): boolean {
    return this.#secret.equals(other.#secret)
  }

  /**
   * What `sender` seals with in `cluster`. Each sender has a key of its own, so that nonces need to differ only among its own frames (NIST SP 800-38D, 8.2.1), and a
   * frame that says it is of another sender, or of another cluster, does not open.
   */
  ofSender(cluster: string, sender: NodeId): Buffer {
    return this.#derive('sender', cluster, sender)
  }

  #derive(purpose: string, ...names: readonly string[]): Buffer {
    const hmac = createHmac('sha256', this.#secret)
    hmac.update(`colony gossip ${purpose}`)
    // The length of each comes before it, so that no two lists are one text.
    for (const name of names) hmac.update(`\n${name.length}:${name}`)
    return hmac.digest()
  }
}

function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  // Node skips what is no Base64: a key that was mistyped would become another key.
  return bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '') ? bytes : undefined
}
