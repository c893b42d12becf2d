/** Bytes of a nonce of AES-GCM: `u40 epoch | u24 salt | u32 counter`. */
export const NONCE_BYTES = 12

const EPOCH_BYTES = 5
const SALT_BYTES = 3
const COUNTER_AT = EPOCH_BYTES + SALT_BYTES
const LAST_COUNTER = 2 ** 32 - 1

/** What tells the frames of one start of a sender from those of its other starts. */
export interface SealStart {
  /** Greater at every start. */
  readonly epoch: number
  /** Random: tells two starts apart that have one epoch against all rules. */
  readonly salt: number
}

/** Above zero when `one` is of a later start than `other`, zero when they are the same. */
export function compareStarts(one: SealStart, other: SealStart): number {
  return one.epoch - other.epoch || one.salt - other.salt
}

/** Nonces of one sender. None comes twice: when a start has no more of them, the next one begins. */
export class NonceSequence {
  #epoch: number
  #counter: number
  readonly #salt: number

  /** `counter` is that of the first nonce. */
  constructor({ epoch, salt }: SealStart, counter = 0) {
    this.#epoch = epoch
    this.#salt = salt
    this.#counter = counter
  }

  /** Writes the next nonce. */
  next(target: Buffer, at: number): void {
    if (this.#counter > LAST_COUNTER) {
      this.#epoch += 1
      this.#counter = 0
    }
    target.writeUIntBE(this.#epoch, at, EPOCH_BYTES)
    target.writeUIntBE(this.#salt, at + EPOCH_BYTES, SALT_BYTES)
    target.writeUInt32BE(this.#counter, at + COUNTER_AT)
    this.#counter += 1
  }
}

/** Which start of its sender a nonce is of. */
export function startOf(bytes: Buffer, at: number): SealStart {
  return { epoch: bytes.readUIntBE(at, EPOCH_BYTES), salt: bytes.readUIntBE(at + EPOCH_BYTES, SALT_BYTES) }
}

/** How many nonces of its start came before. */
export function counterOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + COUNTER_AT)
}
