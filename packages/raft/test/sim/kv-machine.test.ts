import { machineConformance } from '@colony/testing/conformance'
import { test } from 'vitest'
import { type KvCommand, KvMachine } from './kv-machine.ts'

const keys = ['x', 'y', '__proto__']

const suite = machineConformance({
  machine: () => new KvMachine(() => undefined),
  commands: keys.flatMap((key): KvCommand[] => [
    { f: 'delete', key },
    { f: 'append', key, value: 'a' },
    { f: 'put', key, value: 'b' },
    { f: 'append', key, value: 'c' },
    { f: 'delete', key },
    { f: 'put', key, value: '' },
  ]),
  state: ({ values }) => [...values],
})

for (const { name, run } of suite) test(name, run)
