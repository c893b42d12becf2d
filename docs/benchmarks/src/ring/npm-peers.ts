import { isId, type Peer, POINTS, REPLICAS } from './peer.ts'

/** The range that consistent-hash draws its points from, by default; with more points than that it throws. */
const CONSISTENT_HASH_RANGE = 100_003
/** The next larger one that its source recommends. */
const CONSISTENT_HASH_LARGE_RANGE = 1_000_003

/** Its default is 40 digests of 4 points, which makes the same 160; its cache keeps its default size. */
export async function loadHashring(): Promise<Peer> {
  const { default: HashRing } = await import('hashring')
  return {
    build(ids) {
      const ring = new HashRing(ids)
      return {
        owner: (key) => ring.get(key),
        idOf: isId,
        replicas: (key) => ring.range(key, REPLICAS),
        add(id) {
          ring.add(id)
          return this
        },
        remove(id) {
          ring.remove(id)
          return this
        },
      }
    },
  }
}

/** Loaded from its own entry, so that the rest of effect is not measured. It has no replicas. */
export async function loadEffect(): Promise<Peer> {
  const HashRing = await import('effect/HashRing')
  const PrimaryKey = await import('effect/PrimaryKey')
  const nodeOf = (id: string) => ({ id, [PrimaryKey.symbol]: () => id })
  return {
    build(ids) {
      const ring = HashRing.make<ReturnType<typeof nodeOf>>({ baseWeight: POINTS })
      HashRing.addMany(ring, ids.map(nodeOf))
      return {
        owner: (key) => HashRing.get(ring, key),
        idOf: (answer) => (answer as { readonly id: string } | undefined)?.id,
        add(id) {
          HashRing.add(ring, nodeOf(id))
          return this
        },
        remove(id) {
          HashRing.remove(ring, nodeOf(id))
          return this
        },
      }
    },
  }
}

/** Its points are random numbers from a range that is too small for 1000 nodes unless it is told another. */
export async function loadConsistentHash(): Promise<Peer> {
  const { default: ConsistentHash } = await import('consistent-hash')
  return {
    build(ids) {
      const tooMany = ids.length * POINTS * 2 > CONSISTENT_HASH_RANGE
      const range = tooMany ? CONSISTENT_HASH_LARGE_RANGE : CONSISTENT_HASH_RANGE
      const ring = new ConsistentHash({ controlPoints: POINTS, range })
      for (const id of ids) ring.add(id)
      return {
        owner: (key) => ring.get(key),
        idOf: isId,
        replicas: (key) => ring.get(key, REPLICAS),
        add(id) {
          ring.add(id)
          return this
        },
        remove(id) {
          ring.remove(id)
          return this
        },
      }
    },
  }
}

/** It has no replicas. */
export async function loadNodeHashring(): Promise<Peer> {
  const { default: HashRing } = await import('node-hashring')
  return {
    build(ids) {
      const ring = new HashRing(ids, POINTS)
      return {
        owner: (key) => ring.findNode(key),
        idOf: isId,
        add(id) {
          ring.addNode(id)
          return this
        },
        remove(id) {
          ring.removeNode(id)
          return this
        },
      }
    },
  }
}

/** The number of points is a static property of the class. */
export async function loadKetama(): Promise<Peer> {
  const { HashRing } = await import('ketama')
  HashRing.baseWeight = POINTS
  return {
    build(ids) {
      const ring = new HashRing(ids)
      return {
        owner: (key) => ring.getNode(key),
        idOf: isId,
        replicas: (key) => ring.getNodes(key, REPLICAS),
        add(id) {
          ring.addNode(id)
          return this
        },
        remove(id) {
          ring.removeNode(id)
          return this
        },
      }
    },
  }
}
