import type { NodeId, Random } from '@colony/host'
import type { FaultStep, SimulatedNode } from '@colony/testing'
import type { LockBackend } from '../../src/index.ts'
import type { ClientLinks } from './links/client-links.ts'
import type { Run } from './lock-run.ts'

/** What a backend promises under the faults that its model draws, and is judged by. */
export interface Promises {
  /** No two clients believe at one moment that they have what excludes each other. */
  readonly exclusion: boolean
  /** A lock that was asked for when another one of its key had been granted has a greater token, and histories of mutexes with tokens are linearizable. */
  readonly tokens: boolean
}

/** One machine of a run, as a model starts something on it. Its transport is open. */
export interface Place {
  readonly node: SimulatedNode<never>
  readonly run: Run
}

/** The process of a client. */
export interface ClientPlace extends Place {
  /** Connections to servers. */
  readonly links: ClientLinks
}

/**
 * A backend, with all that it stands on played in the simulation: what a kind of backend brings to `lockSuite`.
 *
 * Nodes of a run are `clients` (`a`, `b`, …), on each of which a process takes locks, `servers` (`s1`, `s2`, …), and the store to which holders write with their tokens.
 */
export interface BackendModel {
  /** Names the suite: `lock-redis`. */
  readonly name: string
  /** How many processes take locks. Default: 3. */
  readonly clients?: number
  /** How many servers. Default: 0. */
  readonly servers?: number
  /** Whether only locks of one process exclude each other. Default: false. */
  readonly isLocal?: boolean
  readonly promises: Promises
  /** What differs from seed to seed: plain data, found in `run.state.settings`. Default: nothing. */
  readonly settings?: (random: Random) => Readonly<Record<string, unknown>>
  /** Starts a server, at its start and at every restart. What is to survive it belongs into `run.state.disks` or on the node's disk. */
  readonly server?: (place: Place) => void | Promise<void>
  /** Makes the backend of a process, at its start and at every restart. */
  readonly client: (place: ClientPlace) => LockBackend | Promise<LockBackend>
  /** Faults of the servers that the promises survive, beside those of the network, which every backend gets. `serverFaults` in `faults.ts` has the usual ones. Default: none. */
  readonly faults?: (random: Random, servers: readonly NodeId[], durationMs: number) => readonly FaultStep[]
  /** Whether the clients' processes die and are started again. Default: true. */
  readonly clientsCrash?: boolean
  /** In how many of a run's operations somebody has to get a lock, or it shows nothing. Default: 5. */
  readonly leastOk?: number
  /** What the servers still hold of a lock, for tests that nothing is left behind: names of keys. Default: nobody looks. */
  readonly leftovers?: (run: Run) => readonly string[]
  /** States of its own that all seeds together must reach (`run.sometimes`). */
  readonly sometimes?: readonly string[]
}
