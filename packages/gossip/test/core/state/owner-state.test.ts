import { ByteReader, ByteWriter } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { OwnerState } from '../../../src/core/state/owner-state.ts'
import { readRun, writeRun } from '../../../src/core/state/state-run.ts'
import { textBytes, varintBytes } from '../../../src/core/state/text-bytes.ts'
import { bytes } from './state-net.ts'

/** A state of changes `key=value` or `key` (deleted), at versions 1, 2, …; learned at 100, 200, …. */
function stateOf(...changes: string[]): OwnerState {
  const state = new OwnerState(7)
  changes.forEach((change, index) => {
    const [key = '', value] = change.split('=')
    const version = index + 1
    state.put({ key, value: value === undefined ? undefined : bytes(value), version, at: version * 100 })
  })
  return state
}

function keysOf(state: OwnerState, after = 0): string[] {
  return [...state.after(after)].map(({ key, version }) => `${key}${version}`)
}

describe('a copy of a state', () => {
  it('holds the newest change of every key, in the order of versions', () => {
    const state = stateOf('a=1', 'b=2', 'a=3', 'c=4', 'b')
    expect(keysOf(state)).toEqual(['a3', 'c4', 'b5'])
    expect(keysOf(state, 3)).toEqual(['c4', 'b5'])
    expect(keysOf(state, 5)).toEqual([])
    expect([state.keys, state.tombstones, state.version, state.bytes]).toEqual([2, 1, 5, 5])
  })

  it('does not grow with changes of the same keys', () => {
    const state = new OwnerState(7)
    for (let version = 1; version <= 1000; version++) {
      state.put({ key: `k${version % 3}`, value: bytes('x'), version, at: 0 })
    }
    expect(state.countAfter(0)).toBeLessThan(20)
    expect(keysOf(state)).toEqual(['k2998', 'k0999', 'k11000'])
  })

  it('drops old tombstones and remembers up to where', () => {
    const state = stateOf('a=1', 'a', 'b=1', 'b', 'c')
    state.dropTombstones(400, 100)
    expect(keysOf(state)).toEqual(['c5'])
    expect([state.floor, state.version, state.tombstones]).toEqual([4, 5, 1])
  })

  it('drops the oldest of too many tombstones before their time', () => {
    const state = stateOf('a', 'b', 'c', 'd=1', 'e')
    state.dropTombstones(0, 2)
    expect(keysOf(state)).toEqual(['c3', 'd4', 'e5'])
    expect(state.floor).toBe(2)
  })
})

describe('a run', () => {
  const run = (state: OwnerState, base = 0, budget = 1000) => {
    const writer = new ByteWriter()
    const upTo = writeRun(writer, 'node-001', state, base, budget)
    return { upTo, written: writer.finish() }
  }

  it('with one small change takes about thirty bytes', () => {
    const state = new OwnerState(60_000_000_000)
    state.put({ key: 'load', value: bytes('0.42'), version: 300, at: 0 })
    const { written } = run(state, 299)
    expect(written.length).toBe(32)
  })

  it('survives the wire, and no part of it does', () => {
    const { written } = run(stateOf('a=1', 'b', 'c=3'))
    expect(readRun(new ByteReader(written))).toEqual({
      id: 'node-001',
      life: 7,
      base: 0,
      upTo: 3,
      target: 3,
      floor: 0,
      entries: [
        { key: 'a', value: bytes('1'), version: 1 },
        { key: 'b', value: undefined, version: 2 },
        { key: 'c', value: bytes('3'), version: 3 },
      ],
    })
    for (let length = 0; length < written.length; length++) {
      expect(readRun(new ByteReader(written.subarray(0, length)))).toBeUndefined()
    }
  })

  it('is cut at its end to any budget, and never above it', () => {
    const state = stateOf('a=1', 'b=22', 'a=333', 'c=4444', 'd')
    let most = 0
    for (let budget = 0; budget < 80; budget++) {
      const { upTo, written } = run(state, 1, budget)
      expect(written.length).toBeLessThanOrEqual(budget)
      expect(upTo).toBeGreaterThanOrEqual(most)
      if (written.length === 0) expect(upTo).toBe(1)
      else {
        const read = readRun(new ByteReader(written))
        expect(read?.upTo).toBe(upTo)
        expect(read?.target).toBe(5)
        expect(read?.entries.map(({ version }) => version)).toEqual(
          [2, 3, 4, 5].filter((version) => version <= upTo),
        )
      }
      most = upTo
    }
    expect(most).toBe(5)
  })

  it('says how far it goes also where the last changes were overwritten or dropped', () => {
    const state = stateOf('a=1', 'b=2', 'c')
    state.dropTombstones(1000, 100)
    const read = readRun(new ByteReader(run(state, 2).written))
    expect(read).toMatchObject({ base: 2, upTo: 3, target: 3, floor: 3, entries: [] })
  })

  it('of impossible versions, keys or values is malformed', () => {
    const head = (...fields: number[]): ByteWriter => {
      const writer = new ByteWriter()
      writer.string('n')
      for (const field of fields) writer.varint(field)
      return writer
    }
    const entry = (writer: ByteWriter, version: number, key: string, value: Uint8Array): ByteReader => {
      writer.varint(version)
      writer.string(key)
      writer.bytes(value)
      return new ByteReader(writer.finish())
    }
    // life, base, upTo - base, target - upTo, floor, count
    expect(readRun(entry(head(7, 0, 1, 0, 0, 1), 2, 'k', bytes('v')))).toBeDefined()
    expect(readRun(entry(head(7, 0, 1, 0, 0, 1), 4, 'k', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 0, 1, 0, 0, 1), 0, 'k', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 0, 1, 0, 2, 1), 2, 'k', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(2 ** 40, 0, 1, 0, 0, 1), 2, 'k', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 0, 1, 0, 0, 900), 2, 'k', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 2 ** 53 - 1, 1, 0, 0, 1), 2, 'k', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 0, 1, 0, 0, 1), 2, '', bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 0, 1, 0, 0, 1), 2, 'k'.repeat(256), bytes('v')))).toBeUndefined()
    expect(readRun(entry(head(7, 0, 1, 0, 0, 1), 2, 'k', new Uint8Array(65_537)))).toBeUndefined()
    expect(readRun(new ByteReader(head(7, 0, 0, 0, 0, 0).finish()))).toBeUndefined()
  })
})

describe('sizes', () => {
  it('are those that the writer takes', () => {
    for (const text of ['', 'abc', 'ä', '€', '😀x', 'a\u07ff\u0800\uffff']) {
      expect(textBytes(text)).toBe(bytes(text).length)
    }
    for (const text of ['\ud800', 'a\udc00', '\ud800a', '\udc00\ud800']) expect(textBytes(text)).toBe(-1)
    for (const value of [0, 127, 128, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const writer = new ByteWriter()
      writer.varint(value)
      expect(varintBytes(value)).toBe(writer.length)
    }
  })
})
