import { crc32, type Random } from '@colony/host'
import type { SimulatedDisk, SimulatedNode } from '@colony/testing'
import { segmentName } from '../../src/storage/log/format.ts'
import type { RecordHeader } from '../../src/storage/log/record-reader.ts'
import { RecordReader } from '../../src/storage/log/record-reader.ts'
import { walkRecords } from '../../src/storage/log/record-walk.ts'
import { segmentSalt } from '../../src/storage/log/segment-header.ts'
import type { Run } from './raft-run.ts'

const DIRECTORY = 'raft'
/** More than a run ever makes. */
const MAX_SEGMENTS = 2000
/** How often a node whose disk does so finds its log damaged when it starts. */
const CHANCE = 0.5

interface Place {
  readonly path: string
  readonly header: RecordHeader
}

/** Which of the nodes has such a disk; -1 for none. */
export function drawDamaged(random: Random): number {
  return random.float() < 0.25 ? random.integer(0, 2) : -1
}

/**
 * The disk of one node of some seeds, and never of a majority, loses something in the middle of the log: one byte of any record but the last, so that what was promised last is known.
 * A write that was interrupted is left alone: damage before it cannot be told from a lost vote, and the node refuses to start.
 */
export function damageLog({ id, disk, host }: SimulatedNode<never>, { state }: Run): void {
  if (state.damaged !== id) return
  const random = host.random.fork('damage')
  if (random.float() >= CHANCE) return
  const records = recordsOn(disk)
  const last = records?.pop()
  const entries = records?.filter(({ header }) => header.entryCount > 0) ?? []
  const place = pick(random, entries)
  if (place === undefined || last === undefined) return
  const { path, header } = place
  disk.corrupt(path, placeIn(random, header, last.header))
}

/** A byte of the header too, where something behind says how far the log reached. */
function placeIn(random: Random, { position, payloadBytes }: RecordHeader, last: RecordHeader): number {
  const from = last.firstIndex > 0 && random.float() < 0.3 ? 0 : 48
  return position + random.integer(from, 48 + payloadBytes - 1)
}

/** Every record of a log, in order; `undefined` when anything in it is damaged or torn. */
function recordsOn(disk: SimulatedDisk): Place[] | undefined {
  const identity = new TextDecoder().decode(disk.peek(`${DIRECTORY}/identity`))
  const incarnation = /"incarnation":"([0-9a-f]+)"/.exec(identity)?.[1]
  if (incarnation === undefined) return undefined
  const places: Place[] = []
  for (const sequence of sequencesOn(disk)) {
    const path = `${DIRECTORY}/${segmentName(sequence)}`
    const bytes = disk.peek(path) ?? new Uint8Array(0)
    const reader = new RecordReader(bytes, segmentSalt(crc32, incarnation, sequence), crc32)
    for (const found of walkRecords(reader)) {
      if (found.kind !== 'record') return undefined
      places.push({ path, header: found.header })
    }
  }
  return places
}

/** The first segments may be gone. */
function sequencesOn(disk: SimulatedDisk): number[] {
  const sequences: number[] = []
  for (let sequence = 1; sequence <= MAX_SEGMENTS; sequence++) {
    if (disk.peek(`${DIRECTORY}/${segmentName(sequence)}`) !== undefined) sequences.push(sequence)
    else if (sequences.length > 0) break
  }
  return sequences
}

function pick(random: Random, places: readonly Place[]): Place | undefined {
  return places.length === 0 ? undefined : places[random.integer(0, places.length - 1)]
}
