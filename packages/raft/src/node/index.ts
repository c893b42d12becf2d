/**
 * What touches Node: the log in files.
 * @module node
 */
export { fileStorage, type FileStorageOptions } from './file-storage.ts'
export { publishMetrics, type Measured, type PublishedMetrics } from './publish-metrics.ts'
