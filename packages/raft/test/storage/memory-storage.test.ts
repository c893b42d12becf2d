import { describe } from 'vitest'
import { memoryStorage } from '../../src/storage/memory-storage.ts'
import { testStorageContract } from './storage-contract.ts'

describe('memory storage', () => {
  testStorageContract(async () => {
    const storage = memoryStorage()
    return { storage: async () => storage }
  })
})
