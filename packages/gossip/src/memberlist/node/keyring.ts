import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { GossipError } from '../../errors.ts'
import { SEALED_BYTES } from '../wire/sealing.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const BLOCK_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES
/** Version 0 pads to whole blocks, as the first version of the protocol did; 1 does not. */
const PADDED = 0
const CURRENT = 1

/** Most keys at a time: each message that no key opens costs one attempt a key. */
export const MAX_KEYS = 16

const ALGORITHMS = { 16: 'aes-128-gcm', 24: 'aes-192-gcm', 32: 'aes-256-gcm' } as const

/**
 * The keys of a cluster: the first seals, every one opens. Rotate without losing a message by adding the new key on all members, then using it on all,
 * then removing the old one.
 *
 * A key is 16, 24 or 32 bytes (AES-128, -192 or -256 in GCM), given as bytes or as base64, which is how `serf keygen` prints it.
 * @category Security
 */
export class SerfKeyring {
  #keys: readonly Uint8Array[]

  /**
   * Makes a keyring of one or more keys; the first is the one to seal with.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a key of another length, none, or more than 16.
   */
  constructor(keys: readonly (Uint8Array | string)[]) {
    const all = keys.map(keyOf)
    if (all.length === 0) throw invalid('a keyring needs at least one key')
    this.#keys = []
    for (const key of all) this.#append(key)
  }

  /** Copies of the keys, as base64; the first is the one in use. */
  get keys(): readonly string[] {
    return this.#keys.map((key) => Buffer.from(key).toString('base64'))
  }

  /**
   * Opens messages that were sealed with this key from now on. Harmless for a key that is there.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a key of another length, or a seventeenth one.
   */
  add(key: Uint8Array | string): void {
    this.#append(keyOf(key))
  }

  /**
   * Seals with this key from now on.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a key that was not added before.
   */
  use(key: Uint8Array | string): void {
    const wanted = this.#find(keyOf(key))
    if (wanted === undefined) throw invalid('a key must be added before it can be used')
    this.#keys = [wanted, ...this.#keys.filter((other) => other !== wanted)]
  }

  /**
   * Opens nothing with this key any more. Harmless for a key that is not there.
   * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for the key in use.
   */
  remove(key: Uint8Array | string): void {
    const removed = this.#find(keyOf(key))
    if (removed === undefined) return
    if (removed === this.#keys[0]) throw invalid('the key in use cannot be removed: use another first')
    this.#keys = this.#keys.filter((other) => other !== removed)
  }

  /** @internal Seals a message; `aad` is authenticated with it. */
  seal(plain: Uint8Array, aad: Uint8Array): Uint8Array {
    const key = this.#keys[0] ?? new Uint8Array(0)
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(algorithmOf(key), key, nonce)
    cipher.setAAD(aad)
    const sealed = new Uint8Array(plain.length + SEALED_BYTES)
    sealed[0] = CURRENT
    sealed.set(nonce, 1)
    // GCM is a stream: `update` gives all of the text, `final` none.
    sealed.set(cipher.update(plain), HEAD_BYTES)
    cipher.final()
    sealed.set(cipher.getAuthTag(), HEAD_BYTES + plain.length)
    return sealed
  }

  /** @internal Opens a message of either version with whichever key; `undefined` when none does. */
  open(sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
    const version = sealed[0]
    if (version !== PADDED && version !== CURRENT) return undefined
    if (sealed.length < SEALED_BYTES) return undefined
    for (const key of this.#keys) {
      const plain = openWith(key, sealed, aad)
      if (plain !== undefined) return version === PADDED ? withoutPadding(plain) : plain
    }
    return undefined
  }

  #append(key: Uint8Array): void {
    if (this.#find(key) !== undefined) return
    if (this.#keys.length >= MAX_KEYS) throw invalid(`a keyring takes at most ${MAX_KEYS} keys`)
    this.#keys = [...this.#keys, key]
  }

  #find(key: Uint8Array): Uint8Array | undefined {
    return this.#keys.find((other) => Buffer.compare(other, key) === 0)
  }
}

function openWith(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv(algorithmOf(key), key, sealed.subarray(1, HEAD_BYTES))
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(end))
  try {
    const plain = decipher.update(sealed.subarray(HEAD_BYTES, end))
    decipher.final()
    // Not as a Buffer, whose `slice` is no copy.
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength)
  } catch {
    return undefined // sealed with another key, or altered
  }
}

/** PKCS #7: the last byte says how many were added, each of which says the same. */
function withoutPadding(plain: Uint8Array): Uint8Array | undefined {
  const added = plain[plain.length - 1] ?? 0
  if (added < 1 || added > BLOCK_BYTES || added > plain.length) return undefined
  return plain.subarray(0, plain.length - added)
}

function algorithmOf(key: Uint8Array): (typeof ALGORITHMS)[keyof typeof ALGORITHMS] {
  return ALGORITHMS[key.length as keyof typeof ALGORITHMS]
}

function keyOf(given: Uint8Array | string): Uint8Array {
  const key = typeof given === 'string' ? Buffer.from(given, 'base64') : given
  if (key instanceof Uint8Array && key.length in ALGORITHMS) return Uint8Array.from(key)
  throw invalid('a key is 16, 24 or 32 bytes, given as a Uint8Array or as base64')
}

function invalid(message: string): GossipError<'GOSSIP_INVALID_OPTION'> {
  return new GossipError('GOSSIP_INVALID_OPTION', message)
}
