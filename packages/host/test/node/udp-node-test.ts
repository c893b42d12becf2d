// Run by node:test, not by vitest: see udp-conformance.test.ts.
import { test } from 'node:test'
import { transportConformance } from '@colony/testing/conformance'
import { udpTransports } from './udp-factory.ts'

for (const { name, run } of transportConformance(udpTransports(() => undefined))) void test(name, run)
