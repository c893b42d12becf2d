import { jsonCodec } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { Applier } from '../../src/runtime/applier.ts'
import { decodeCommandEntry, encodeCommandEntry } from '../../src/runtime/command-entry.ts'
import { REMEMBERED_KEYS } from '../../src/runtime/remembered-keys.ts'

class Counter {
  value = 0
  apply(by: number): unknown {
    if (by === 13) throw new Error('unlucky')
    this.value += by
    return by === 7 ? () => 'not JSON' : this.value
  }
}

function setUp() {
  const machine = new Counter()
  const codec = jsonCodec<number>()
  const applier = new Applier<Counter>(machine, codec, jsonCodec())
  let index = 0
  const apply = (by: number, key?: string) => {
    const data = encodeCommandEntry(codec.encode(by), key)
    return applier.apply({ term: 1, kind: 'command', data }, ++index)
  }
  return { machine, applier, apply }
}

describe('applying entries', () => {
  it('applies each command', () => {
    const { machine, apply } = setUp()
    expect(apply(1)).toEqual({ status: 'applied', index: 1, value: 1, encoded: undefined })
    expect(apply(2)).toMatchObject({ value: 3 })
    expect(machine.value).toBe(3)
  })

  it('applies a key once, and gives every repetition the first result', () => {
    const { machine, apply } = setUp()
    expect(apply(5, 'k')).toMatchObject({ status: 'applied', value: 5 })
    apply(1)
    expect(apply(5, 'k')).toEqual({ status: 'repeated', index: 1, encoded: Uint8Array.of(53) })
    expect(machine.value).toBe(6)
  })

  it('refuses a key that comes with another command', () => {
    const { machine, apply } = setUp()
    apply(5, 'k')
    expect(apply(6, 'k')).toEqual({ status: 'key-reused' })
    expect(machine.value).toBe(5)
  })

  it('says so when a result has no bytes, also to repetitions', () => {
    const { machine, apply } = setUp()
    expect(apply(7, 'k')).toEqual({ status: 'not-encodable' })
    expect(apply(7, 'k')).toEqual({ status: 'not-encodable' })
    expect(machine.value).toBe(7)
  })

  it('forgets the oldest keys first', () => {
    const { machine, apply } = setUp()
    for (let i = 0; i <= REMEMBERED_KEYS; i++) apply(1, `k${i}`)
    expect(machine.value).toBe(REMEMBERED_KEYS + 1)
    apply(1, 'k1')
    expect(machine.value).toBe(REMEMBERED_KEYS + 1)
    apply(1, 'k0')
    expect(machine.value).toBe(REMEMBERED_KEYS + 2)
  })

  it('skips no-ops, and stops at a machine that throws', () => {
    const { applier, apply } = setUp()
    expect(applier.apply({ term: 1, kind: 'noop', data: new Uint8Array(0) }, 1)).toEqual({
      status: 'skipped',
    })
    expect(() => apply(13)).toThrow(expect.objectContaining({ code: 'RAFT_MACHINE_FAILED' }))
  })
})

describe('command entries', () => {
  it('come back as they went', () => {
    const command = Uint8Array.of(1, 2, 3)
    expect(decodeCommandEntry(encodeCommandEntry(command, undefined))).toMatchObject({
      ok: true,
      value: { kind: 'plain', command },
    })
    expect(decodeCommandEntry(encodeCommandEntry(command, 'ö-17'))).toMatchObject({
      ok: true,
      value: { key: 'ö-17', command },
    })
  })

  it('of an unknown kind, or cut short, are refused', () => {
    expect(decodeCommandEntry(Uint8Array.of(9)).ok).toBe(false)
    expect(decodeCommandEntry(Uint8Array.of()).ok).toBe(false)
    expect(decodeCommandEntry(encodeCommandEntry(new Uint8Array(0), 'key').subarray(0, 5)).ok).toBe(false)
  })
})
