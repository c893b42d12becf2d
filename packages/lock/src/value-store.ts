/**
 * A value as it was read, and the version that a compare-and-set has to name.
 * @category Backends
 */
export interface VersionedValue {
  /** What was written. */
  readonly text: string
  /** Never the same for two writes of a key, also when it was deleted in between. */
  readonly version: string
}

/**
 * Values that are written only by whoever has seen the newest: what optimistic updates stand on. Linearizable, or it is none.
 * @category Backends
 */
export interface ValueStore {
  /** The newest value; `undefined` where there is none. */
  read(key: string): Promise<VersionedValue | undefined>
  /**
   * Writes `text` (`undefined`: deletes) if the key's version is still `expected` (`undefined`: if there is no value). Whether it did. Rejects when it is not known
   * whether it did.
   */
  write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean>
}
