import type { StateMachine } from '@colony/raft'
import { decodePut } from './bench-protocol.ts'
import { KEYS, VALUE_BYTES } from './workload.ts'

/** What every member of a cluster replicates here. */
export interface MapMachine extends StateMachine<Uint8Array, number> {
  /** The value of a key, as a view. */
  get(key: string): Uint8Array | undefined
}

/** A map of values of one size, copied into one buffer: what `apply` is given is a view, and keeping it would keep all that came with it. */
export function mapMachine(): MapMachine {
  const places = new Map<string, number>()
  const values = new Uint8Array(KEYS * VALUE_BYTES)
  return {
    get(key) {
      const place = places.get(key)
      return place === undefined ? undefined : values.subarray(place * VALUE_BYTES, (place + 1) * VALUE_BYTES)
    },
    apply(command) {
      const { key, value } = decodePut(command)
      let place = places.get(key)
      if (place === undefined) {
        place = places.size
        places.set(key, place)
      }
      values.set(value, place * VALUE_BYTES)
      return places.size
    },
  }
}
