import { describe, expect, test } from 'vitest'
import { diskConformance, transportConformance } from '../../src/conformance/index.ts'
import { BROKEN_DISKS, brokenDisks } from './broken-disks.ts'
import { BROKEN_TRANSPORTS, brokenTransports } from './broken-transports.ts'
import { convictions } from './convictions.ts'
import { simulatedDisks } from './disk-factories.ts'
import { memoryTransports } from './transport-factories.ts'

describe('a transport that breaks one clause is convicted by the case of that clause, and by no other', () => {
  test.each(Object.entries(BROKEN_TRANSPORTS))('%s', async (name, fault) => {
    expect(await convictions(transportConformance(brokenTransports(fault)))).toEqual([name])
  })

  test('every case can convict', () => {
    const names = transportConformance(memoryTransports()).map(({ name }) => name)
    expect(Object.keys(BROKEN_TRANSPORTS).sort()).toEqual([...names].sort())
  })
})

describe('a disk that breaks one clause is convicted by the case of that clause, and by no other', () => {
  test.each(Object.entries(BROKEN_DISKS))('%s', async (name, fault) => {
    expect(await convictions(diskConformance(brokenDisks(fault)))).toEqual([name])
  })

  test('every case can convict', () => {
    const names = diskConformance(simulatedDisks()).map(({ name }) => name)
    expect(Object.keys(BROKEN_DISKS).sort()).toEqual([...names].sort())
  })
})
