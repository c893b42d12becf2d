/**
 * What one participant knows of the mappings of all: for each owner and key a version. Plain numbers in one array, because the experiment compares some hundred million of them.
 */
export class MappingTable {
  readonly participants: number
  readonly keys: number
  /** Version of the value that is known, by owner and key; 0 for none. */
  readonly versions: Int32Array
  /** The greatest version that is known of each owner. */
  readonly maxima: Int32Array

  constructor(participants: number, keys: number) {
    this.participants = participants
    this.keys = keys
    this.versions = new Int32Array(participants * keys)
    this.maxima = new Int32Array(participants)
  }

  versionOf(owner: number, key: number): number {
    return this.versions[owner * this.keys + key] ?? 0
  }

  /** Takes a version in, unless a newer one is known. */
  take({ owner, key, version }: Delta): void {
    const place = owner * this.keys + key
    if (version > (this.versions[place] ?? 0)) this.versions[place] = version
    if (version > (this.maxima[owner] ?? 0)) this.maxima[owner] = version
  }
}

/** One mapping with a version, on its way to somebody. */
export interface Delta {
  readonly owner: number
  readonly key: number
  readonly version: number
}
