import { testStorageContract } from './storage-contract.ts'
import { memoryStorages } from './storage-factories.ts'

testStorageContract(memoryStorages)
