/** The version, the nonce and the tag that encryption adds to a message. */
export const SEALED_BYTES: number = 1 + 12 + 16

/** What seals and opens messages: AES-GCM with the keys of a cluster, which is not here, for none of this touches the platform. */
export interface Sealing {
  /** Seals a message; `aad` is authenticated with it. {@link SEALED_BYTES} longer than `plain`. */
  seal(plain: Uint8Array, aad: Uint8Array): Uint8Array
  /** Opens a message with whichever key; `undefined` when none does. */
  open(sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined
}
