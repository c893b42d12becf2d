/// <reference lib="esnext.disposable" preserve="true" />
import type { Codec, NodeId } from '@colony/host'
import type { DrivenCore } from './driven-core.ts'
import { encodeValue } from './encoding.ts'
import type { Shared } from './gossip.ts'
import { Watches } from './watches.ts'

/** One change of a shared value. */
export interface SharedChange {
  readonly key: string
  readonly bytes: Uint8Array | undefined
  readonly by: NodeId
}

/** What handles to shared values work through. */
export interface SharedParts {
  readonly core: Pick<DrivenCore, 'sharedValue'>
  /** Writes, or takes away. @throws A {@link GossipError}. */
  readonly share: (key: string, value: Uint8Array | undefined) => void
  readonly undecodable: (by: NodeId, key: string, error: unknown) => void
  readonly listenerFailed: (error: unknown) => void
}

/** The handles to shared values, and who listens to which. */
export class SharedValues {
  readonly #parts: SharedParts
  readonly #watches: Watches<SharedChange>

  constructor(parts: SharedParts) {
    this.#parts = parts
    this.#watches = new Watches(parts.listenerFailed)
  }

  /** A handle; any number of them may be made for one key. */
  handle<Value>(key: string, codec: Codec<Value>): Shared<Value> {
    const { core, share } = this.#parts
    const decode = (bytes: Uint8Array | undefined, by: NodeId): Value | undefined =>
      bytes === undefined ? undefined : this.#decode(key, codec, bytes, by)
    return {
      key,
      get value(): Value | undefined {
        const held = core.sharedValue(key)
        return held === undefined ? undefined : decode(held.value, held.by)
      },
      get by(): NodeId | undefined {
        return core.sharedValue(key)?.by
      },
      set: (value) => share(key, encodeValue(`the shared value '${key}'`, codec, value)),
      delete: () => share(key, undefined),
      on: (listener, { signal } = {}) => {
        const told = (change: SharedChange): unknown =>
          change.key === key ? listener(decode(change.bytes, change.by)) : undefined
        return this.#watches.add(key, told, signal)
      },
    }
  }

  /** A value has changed. */
  changed(change: SharedChange): void {
    this.#watches.tell(change)
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#watches.clear()
  }

  #decode<Value>(key: string, codec: Codec<Value>, bytes: Uint8Array, by: NodeId): Value | undefined {
    try {
      return codec.decode(bytes)
    } catch (error) {
      this.#parts.undecodable(by, key, error)
      return undefined
    }
  }
}
