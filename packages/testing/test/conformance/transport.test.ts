import { describe, test } from 'vitest'
import { transportConformance } from '../../src/conformance/index.ts'
import { memoryTransports, simulatedTransports } from './transport-factories.ts'

describe('the simulated network, healthy', () => {
  for (const { name, run } of transportConformance(simulatedTransports())) test(name, run)
})

describe('the simulated network at its worst: frames lost, doubled, held back', () => {
  const network = { loss: 0.3, duplicate: 0.3, reorder: 0.3, reorderMs: 500, maxInFlight: 200 }
  for (const { name, run } of transportConformance(simulatedTransports(network))) test(name, run)
})

describe('the network in memory, in simulated time', () => {
  for (const { name, run } of transportConformance(memoryTransports({ maxFrameBytes: 65_536 })))
    test(name, run)
})
