import { pureXxh32 } from '@colony/ring'
import xxhash from 'xxhash-wasm'
import { timeLookups } from './time-measures.ts'

/** The two ways to XXH32 at one length, in nanoseconds a call. */
export interface HashingRow {
  readonly length: number
  readonly stringPure: number
  readonly stringWasm: number
  readonly bytesPure: number
  readonly bytesWasm: number
}

const LENGTHS = [8, 16, 24, 36, 48, 64, 80, 96, 128, 256, 1024]
const KEYS = 2_000

/** Times both on ASCII keys of every length, each for `seconds`. Run in a process that hashed nothing else. */
export async function measureHashing(seconds: number): Promise<HashingRow[]> {
  const wasm = await xxhash()
  return LENGTHS.map((length) => {
    const texts = Array.from({ length: KEYS }, (_, at) => Buffer.from(textOf(at, length)).toString('latin1'))
    const bytes = texts.map((text) => new Uint8Array(Buffer.from(text)))
    return {
      length,
      stringPure: timeLookups((text: string) => pureXxh32.hash(text, 0), texts, seconds),
      stringWasm: timeLookups((text: string) => wasm.h32(text, 0), texts, seconds),
      bytesPure: timeLookups((data: Uint8Array) => pureXxh32.hash(data, 0), bytes, seconds),
      bytesWasm: timeLookups((data: Uint8Array) => wasm.h32Raw(data, 0), bytes, seconds),
    }
  })
}

function textOf(number: number, length: number): string {
  return `${number}/`.padEnd(length, 'abcdefghijklmnopqrstuvwxyz0123456789')
}
