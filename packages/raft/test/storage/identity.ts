import type { StorageIdentity } from '../../src/storage/storage.ts'

export const IDENTITY: StorageIdentity = {
  clusterId: 'bank',
  group: 'main',
  nodeId: 'a',
  voters: ['a', 'b', 'c'],
}
