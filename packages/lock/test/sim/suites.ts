import type { Capabilities } from '../../src/index.ts'
import type { BackendModel } from './backend-model.ts'
import { memoryModel } from './models/memory.ts'
import { raftModel } from './models/raft.ts'

/** A backend in the simulation, and how thoroughly it is tried. */
export interface SimulatedSuite {
  readonly model: BackendModel
  /** What its locks can do: decides what clients ask for. */
  readonly capabilities: Capabilities
  /** How many seeds the usual tests take. */
  readonly seeds: number
}

const EVERYTHING: Capabilities = { fencing: true, shared: true, semaphore: true, owners: true, values: true }

/** Every backend that the simulation knows. One line each. */
export const SUITES: readonly SimulatedSuite[] = [
  { model: memoryModel, capabilities: EVERYTHING, seeds: 100 },
  { model: raftModel, capabilities: EVERYTHING, seeds: 40 },
]
