import { requireName, type Codec } from '@colony/host'
import type { CoreInput } from '../core/input.ts'
import { GossipError } from '../errors.ts'
import { encodeValue } from './encoding.ts'
import { invalidOption, requireTimeout } from './options.ts'
import type { Schema } from './schema.ts'

/** Where what a node says of itself goes. */
export interface OwnStateParts {
  readonly schema: Schema
  /** @throws A {@link GossipError} when it is refused. */
  readonly send: (what: string, input: CoreInput) => void
  /** @throws A {@link GossipError} with code `GOSSIP_CLOSED`. */
  readonly requireRunning: () => void
}

/** What a node says of itself, and writes for all: checked, encoded and handed on. */
export class OwnState {
  readonly #parts: OwnStateParts

  constructor(parts: OwnStateParts) {
    this.#parts = parts
  }

  /** Says everything that is given. */
  begin(state: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(state)) if (value !== undefined) this.set(key, value, undefined)
  }

  /** Sets a key of this node's. */
  set(key: string, value: unknown, ttlMs: number | undefined): void {
    const codec = this.#codecOf(key)
    const what = `the value of '${key}'`
    if (ttlMs !== undefined) requireTimeout('ttlMs', ttlMs)
    if (value === undefined) {
      throw new GossipError(
        'GOSSIP_VALUE_NOT_ENCODABLE',
        `undefined is no value of '${key}'; to take it away, delete it`,
      )
    }
    const bytes = encodeValue(what, codec, value)
    // After the codec, which is the user's: it may have closed the node.
    this.#parts.requireRunning()
    this.#parts.send(what, { type: 'set', key, value: bytes, ...(ttlMs !== undefined && { ttlMs }) })
  }

  /** Takes a key of this node's away. */
  delete(key: string): void {
    this.#codecOf(key)
    this.#parts.requireRunning()
    this.#parts.send(`the key '${key}'`, { type: 'set', key, value: undefined })
  }

  /** Writes a shared value, or takes it away. */
  share(key: string, value: Uint8Array | undefined): void {
    this.#parts.requireRunning()
    this.#parts.send(`the shared value '${key}'`, { type: 'share', key, value })
  }

  #codecOf(key: string): Codec<unknown> {
    requireName(invalidOption, 'key', key)
    const { schema } = this.#parts
    const codec = schema.codecOf(key)
    if (codec !== undefined) return codec
    throw invalidOption(`'${key}' is no key of the schema; there are ${Object.keys(schema.shape).join(', ')}`)
  }
}
