import { createCipheriv, createDecipheriv, type CipherGCM, type DecipherGCM } from 'node:crypto'
import type { NodeId } from '@colony/host'
import type { FrameSealer } from '../runtime/keyring.ts'
import { type GossipKey, KEY_ID_BYTES } from './gossip-key.ts'
import { KnownSenders } from './known-senders.ts'
import { counterOf, NONCE_BYTES, NonceSequence, type SealStart, startOf } from './nonce.ts'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16

/** The first byte of a frame that is for one receiver, and of one that is for whoever has a key. */
const FOR_ONE = 0xc1
const FOR_ANYBODY = 0xc2

const KEY_AT = 1
const NONCE_AT = KEY_AT + KEY_ID_BYTES
const BODY_AT = NONCE_AT + NONCE_BYTES

/** By how many bytes a sealed frame is longer than what is in it. */
export const SEAL_BYTES: number = BODY_AT + TAG_BYTES

/** The keys of the moment, the one to seal with first. */
export type CurrentKeys = () => readonly GossipKey[]

/** What a keyring's seals have done; shared by all of them. */
export interface SealCounters {
  sealed: number
  opened: number
  foreign: number
  unknownKey: number
  replayed: number
  forged: number
}

/** What one seal is made of. */
export interface SealOptions {
  readonly cluster: string
  readonly self: NodeId
  readonly start: SealStart
  readonly keys: CurrentKeys
  readonly counters: SealCounters
  readonly replayWindowMs: number
  readonly now: () => number
}

/** Seals what one node sends, and opens what it receives: `u8 kind | u24 key | nonce | ciphertext | tag`, where everything before the ciphertext and the receiver's id are authenticated too. */
export class FrameSeal implements FrameSealer {
  readonly overheadBytes: number = SEAL_BYTES
  readonly #options: SealOptions
  readonly #nonces: NonceSequence
  readonly #senders: KnownSenders
  readonly #self: Buffer
  #key: GossipKey | undefined
  #secret: Buffer = Buffer.alloc(0)

  constructor(options: SealOptions) {
    this.#options = options
    this.#nonces = new NonceSequence(options.start)
    this.#senders = new KnownSenders(options.replayWindowMs)
    this.#self = Buffer.from(options.self, 'utf8')
  }

  /** Senders that are remembered. */
  get senders(): number {
    return this.#senders.size
  }

  seal(packet: Uint8Array, to?: NodeId): Uint8Array {
    const secret = this.#ownSecret()
    const frame = Buffer.allocUnsafeSlow(packet.length + SEAL_BYTES)
    frame[0] = to === undefined ? FOR_ANYBODY : FOR_ONE
    frame.writeUIntBE(this.#key?.id ?? 0, KEY_AT, KEY_ID_BYTES)
    this.#nonces.next(frame, NONCE_AT)
    const cipher: CipherGCM = createCipheriv(CIPHER, secret, frame.subarray(NONCE_AT, BODY_AT))
    cipher.setAAD(authenticated(frame, to === undefined ? undefined : Buffer.from(to, 'utf8')))
    frame.set(cipher.update(packet), BODY_AT)
    cipher.final()
    frame.set(cipher.getAuthTag(), BODY_AT + packet.length)
    this.#options.counters.sealed++
    return new Uint8Array(frame.buffer, frame.byteOffset, frame.length)
  }

  open(sealed: Uint8Array, from: NodeId): Uint8Array | undefined {
    const { counters, now, keys } = this.#options
    const frame = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length)
    // What costs least is looked at first: whoever floods a node with frames gets none of them deciphered without a key's id, and none twice.
    if (frame.length < SEAL_BYTES || (frame[0] !== FOR_ONE && frame[0] !== FOR_ANYBODY)) {
      counters.foreign++
      return undefined
    }
    const id = frame.readUIntBE(KEY_AT, KEY_ID_BYTES)
    const candidates = keys().filter((key) => key.id === id)
    if (candidates.length === 0) {
      counters.unknownKey++
      return undefined
    }
    const [start, counter, nowMs] = [startOf(frame, NONCE_AT), counterOf(frame, NONCE_AT), now()]
    if (!this.#senders.mayBeNew(from, start, counter, nowMs)) {
      counters.replayed++
      return undefined
    }
    for (const key of candidates) {
      const secret = this.#senders.secretOf(from, key) ?? key.ofSender(this.#options.cluster, from)
      const packet = decipher(frame, secret, frame[0] === FOR_ONE ? this.#self : undefined)
      if (packet === undefined) continue
      this.#senders.accept({ from, start, counter, key, secret }, nowMs)
      counters.opened++
      return packet
    }
    counters.forged++
    return undefined
  }

  /** Derived anew when another key is to be used. */
  #ownSecret(): Buffer {
    const [key] = this.#options.keys()
    if (key !== undefined && key !== this.#key) {
      this.#key = key
      this.#secret = key.ofSender(this.#options.cluster, this.#options.self)
    }
    return this.#secret
  }
}

/** What is not secret, and must not be altered: the head, and whom the frame is for. */
function authenticated(frame: Buffer, to: Buffer | undefined): Buffer {
  const head = frame.subarray(0, BODY_AT)
  return to === undefined ? head : Buffer.concat([head, to])
}

function decipher(frame: Buffer, secret: Buffer, to: Buffer | undefined): Uint8Array | undefined {
  const end = frame.length - TAG_BYTES
  const cipher: DecipherGCM = createDecipheriv(CIPHER, secret, frame.subarray(NONCE_AT, BODY_AT), {
    authTagLength: TAG_BYTES,
  })
  cipher.setAAD(authenticated(frame, to))
  cipher.setAuthTag(frame.subarray(end))
  const packet = cipher.update(frame.subarray(BODY_AT, end))
  try {
    cipher.final()
  } catch {
    return undefined
  }
  return new Uint8Array(packet.buffer, packet.byteOffset, packet.length)
}
