export {
  BoundedLoad,
  createBoundedLoad,
  type Acquisition,
  type BoundablePlacement,
  type BoundedLoadOptions,
} from './bounded.ts'
export { jump } from './jump.ts'
export { createMaglev, Maglev, type MaglevOptions } from './maglev.ts'
export { partitionsFromJSON, type PartitionsJSONOptions } from './partitions-json.ts'
export { createPartitions, Partitions, type PartitionsJSON, type PartitionsOptions } from './partitions.ts'
export { createRendezvous, Rendezvous, type RendezvousOptions } from './rendezvous.ts'
export type { StrategyOptions } from './strategy-options.ts'
