import { type ByteReader, type ByteWriter, MAX_NAME_BYTES, type NodeId } from '@colony/host'
import { MAX_EPOCH } from '../members/incarnation.ts'
import type { OwnerState, StateEntry } from './owner-state.ts'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './state-limits.ts'
import { textBytes, varintBytes } from './text-bytes.ts'

/**
 * A run: what is left of one member's changes after version `base` up to `upTo`, without a gap. The only form in which state travels, whether by piggyback or by
 * anti-entropy, so the prefix rule has one place to be kept.
 */
export interface StateRun {
  readonly id: NodeId
  readonly life: number
  /** Whoever knows at least this much can append the run; 0 is a beginning anew. */
  readonly base: number
  readonly upTo: number
  /** The version that the sender knows: more is to come when it is above `upTo`. */
  readonly target: number
  /** The sender's floor: whoever ends before it can use a run only from 0 on. */
  readonly floor: number
  readonly entries: readonly RunEntry[]
}

/** A change in a run; without a value the key was deleted. */
export interface RunEntry {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly version: number
}

/** The largest version: room enough for a change every microsecond for a century would be more than a life needs. */
const MAX_VERSION = Number.MAX_SAFE_INTEGER
/** The least that an entry takes: version and kind, a key of one byte. */
const LEAST_ENTRY_BYTES = 3

/** Bytes of an entry in a run, at most: a version may be up to five bytes ahead of the one before. */
export function runEntryBytes(entry: StateEntry, previous: number): number {
  const key = textBytes(entry.key)
  const head = varintBytes((entry.version - previous) * 2) + varintBytes(key) + key
  return entry.value === undefined ? head : head + varintBytes(entry.value.length) + entry.value.length
}

/** Bytes of a run without entries. */
export function runHeadBytes(id: NodeId, state: OwnerState, base: number): number {
  const name = textBytes(id)
  const reach = Math.max(state.version, state.target)
  return (
    varintBytes(name) +
    name +
    varintBytes(state.life) +
    varintBytes(base) +
    2 * varintBytes(reach) +
    varintBytes(state.floor) +
    varintBytes(state.countAfter(base))
  )
}

/**
 * Writes what `state` has after `base`, as far as `budget` bytes go: oldest first, because a newer change must never arrive without the older ones. Up to which version it went; `base` when nothing
 * fits, and nothing was written. A budget that ends within an entry that is larger than any packet ends there too.
 */
export function writeRun(
  writer: ByteWriter,
  id: NodeId,
  state: OwnerState,
  base: number,
  budget: number,
): number {
  let room = budget - runHeadBytes(id, state, base)
  if (room < 0) return base
  let count = 0
  let upTo = state.version
  let previous = base
  for (const entry of state.after(base)) {
    const bytes = runEntryBytes(entry, previous)
    if (bytes > room) {
      upTo = previous
      break
    }
    room -= bytes
    count++
    previous = entry.version
  }
  if (count === 0 && upTo === base && upTo < state.version) return base
  writeHead(writer, id, state, base, upTo)
  writer.varint(count)
  previous = base
  for (const entry of state.after(base)) {
    if (count-- === 0) break
    writeEntry(writer, entry, previous)
    previous = entry.version
  }
  return upTo
}

function writeHead(writer: ByteWriter, id: NodeId, state: OwnerState, base: number, upTo: number): void {
  writer.string(id)
  writer.varint(state.life)
  writer.varint(base)
  writer.varint(upTo - base)
  writer.varint(Math.max(state.version, state.target) - upTo)
  writer.varint(state.floor)
}

function writeEntry(writer: ByteWriter, entry: StateEntry, previous: number): void {
  writer.varint((entry.version - previous) * 2 + (entry.value === undefined ? 1 : 0))
  writer.string(entry.key)
  if (entry.value !== undefined) writer.bytes(entry.value)
}

/** Reads what {@link writeRun} wrote; `undefined`, with the reader failed, when it is malformed or impossible. */
export function readRun(reader: ByteReader): StateRun | undefined {
  const id = readBounded(reader, MAX_NAME_BYTES)
  const life = reader.count(MAX_EPOCH)
  const base = reader.varint()
  const upTo = base + reader.varint()
  const target = upTo + reader.varint()
  const floor = reader.varint()
  const count = reader.count(reader.remaining, LEAST_ENTRY_BYTES)
  if (target > MAX_VERSION || floor > target || (target === 0 && !reader.failed)) {
    reader.fail('a run of versions that cannot be')
  }
  const entries: RunEntry[] = []
  let previous = base
  for (let index = 0; index < count && !reader.failed; index++) {
    const entry = readEntry(reader, previous)
    if (entry.version > upTo) reader.fail('an entry beyond its run')
    entries.push(entry)
    previous = entry.version
  }
  return reader.failed ? undefined : { id, life, base, upTo, target, floor, entries }
}

function readEntry(reader: ByteReader, previous: number): RunEntry {
  const head = reader.varint()
  const version = previous + Math.floor(head / 2)
  if (version === previous) reader.fail('two changes of one version')
  const key = readBounded(reader, MAX_KEY_BYTES)
  if (head % 2 === 1) return { key, value: undefined, version }
  const value = reader.bytes()
  if (value.length > MAX_VALUE_BYTES) reader.fail('a value that is too large')
  // Copied: a view would keep the whole packet in memory for as long as the value lives.
  return { key, value: value.slice(), version }
}

/** A text of 1 to `most` bytes. */
export function readBounded(reader: ByteReader, most: number): string {
  const before = reader.remaining
  const text = reader.string()
  if (text === '' || before - reader.remaining > most + 2) reader.fail('a name that is empty or too long')
  return reader.failed ? '' : text
}
