import { describe } from 'vitest'
import { testStorageContract } from '../storage-contract.ts'
import { memoryGroups, simulatedGroupLogs } from './group-storages.ts'

describe('one group of a shared log', () => testStorageContract(simulatedGroupLogs()))
describe('one group of a storage in memory', () => testStorageContract(memoryGroups))
