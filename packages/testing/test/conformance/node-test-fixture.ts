// Run by node:test, not by vitest: see node-test.test.ts.
import { test } from 'node:test'
import { diskConformance, transportConformance } from '@colony/testing/conformance'
import { simulatedDisks } from './disk-factories.ts'
import { memoryTransports } from './transport-factories.ts'

for (const { name, run } of transportConformance(memoryTransports({ maxFrameBytes: 65_536 })))
  void test(name, run)
for (const { name, run } of diskConformance(simulatedDisks())) void test(name, run)
