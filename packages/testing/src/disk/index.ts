export { SimulatedDisk } from './simulated-disk.ts'
export type { DiskLatency, DiskOperation, DiskPending, SimulatedDiskOptions } from './disk-options.ts'
export type { DiskChange, DiskSettings } from './disk-settings.ts'
