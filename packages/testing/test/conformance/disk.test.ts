import { describe, test } from 'vitest'
import { diskConformance } from '../../src/conformance/index.ts'
import { disksOfNodes, simulatedDisks } from './disk-factories.ts'

const DISKS = {
  'the simulated disk': simulatedDisks(),
  'the disk of a simulated node': disksOfNodes(),
}

describe.each(Object.entries(DISKS))('%s', (_name, factory) => {
  for (const { name, run } of diskConformance(factory)) test(name, run)
})
