import { requireName, type Address, type Fail, type NodeId } from '@colony/host'
import { MAX_ADDRESS_LENGTH } from '../core/membership.ts'

/** Nodes that a caller named. */
export interface NamedNodes {
  /** Their ids, sorted. */
  readonly ids: readonly NodeId[]
  /** Where they are, as far as the caller said. */
  readonly addresses: ReadonlyMap<NodeId, Address>
}

/** Lets a list of ids pass, or a map from ids to addresses. */
export function requireNodes(fail: Fail, option: string, given: unknown): NamedNodes {
  if (typeof given !== 'object' || given === null) {
    throw fail(`${option} must map ids to addresses, or list ids`)
  }
  const names: readonly unknown[] = Array.isArray(given) ? given : Object.keys(given)
  const ids = names.map((name) => requireName(fail, option, name)).sort()
  const twice = ids.find((id, at) => id === ids[at - 1])
  if (twice !== undefined) throw fail(`${option} must name every node once, and names "${twice}" twice`)
  const addresses = new Map<NodeId, Address>()
  if (!Array.isArray(given)) {
    for (const [id, address] of Object.entries(given)) {
      addresses.set(id, requireAddress(fail, `${option}: the address of "${id}"`, address))
    }
  }
  return { ids, addresses }
}

/** Lets an address pass. */
export function requireAddress(fail: Fail, what: string, given: unknown): Address {
  if (typeof given === 'string' && given !== '' && given.length <= MAX_ADDRESS_LENGTH) return given
  throw fail(`${what} must be a non-empty string of at most ${MAX_ADDRESS_LENGTH} characters`)
}
