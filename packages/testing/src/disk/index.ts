export { SimulatedDisk } from './simulated-disk.ts'
export type { DiskLatency, DiskOperation, DiskPending, SimulatedDiskOptions } from './disk-options.ts'
