import type { Capabilities } from '../../src/index.ts'
import type { BackendModel } from './backend-model.ts'
import { etcdModel } from './models/etcd.ts'
import { memoryModel } from './models/memory.ts'
import {
  postgresAdvisoryModel,
  postgresLeasesModel,
  postgresRestartedModel,
  postgresSetClockModel,
} from './models/postgres.ts'
import { raftModel } from './models/raft.ts'
import { redisOnDisk, redisRestartedEmpty, redisSetClock } from './models/redis.ts'
import { redlockOfFive } from './models/redlock.ts'

/** A backend in the simulation, and how thoroughly it is tried. */
export interface SimulatedSuite {
  readonly model: BackendModel
  /** What its locks can do: decides what clients ask for. */
  readonly capabilities: Capabilities
  /** How many seeds the usual tests take. */
  readonly seeds: number
}

const EVERYTHING: Capabilities = { fencing: true, shared: true, semaphore: true, owners: true, values: true }

const REDIS: Capabilities = { ...EVERYTHING, owners: false }
const ADVISORY: Capabilities = { ...REDIS, semaphore: false }
const LEASES: Capabilities = { ...ADVISORY, shared: false }
const ONLY_MUTEXES: Capabilities = {
  ...{ fencing: false, shared: false, semaphore: false, owners: false, values: false },
}

/** Every backend that the simulation knows. One line each. */
export const SUITES: readonly SimulatedSuite[] = [
  { model: memoryModel, capabilities: EVERYTHING, seeds: 100 },
  { model: raftModel, capabilities: EVERYTHING, seeds: 40 },
  { model: etcdModel, capabilities: REDIS, seeds: 100 },
  { model: redisOnDisk, capabilities: REDIS, seeds: 100 },
  { model: redisRestartedEmpty, capabilities: REDIS, seeds: 40 },
  { model: redisSetClock, capabilities: REDIS, seeds: 40 },
  { model: redlockOfFive, capabilities: ONLY_MUTEXES, seeds: 100 },
  { model: postgresAdvisoryModel, capabilities: ADVISORY, seeds: 100 },
  { model: postgresRestartedModel, capabilities: ADVISORY, seeds: 40 },
  { model: postgresLeasesModel, capabilities: LEASES, seeds: 100 },
  { model: postgresSetClockModel, capabilities: LEASES, seeds: 40 },
]
