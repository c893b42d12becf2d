import { createReadStream, createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { decodeRecord, encodeRecord, type OperationRecord } from './operation-record.ts'

const CHUNK_CHARACTERS = 64 * 1024

/** Writes a client's operations to a file, a line each, so that a long run needs no more memory than a short one. */
export class RecordWriter {
  readonly #stream: WriteStream
  #chunk = ''

  constructor(file: string) {
    this.#stream = createWriteStream(file)
  }

  /** Adds an operation. */
  add(record: OperationRecord): void {
    this.#chunk += `${encodeRecord(record)}\n`
    if (this.#chunk.length >= CHUNK_CHARACTERS) this.#flush()
  }

  /** Resolves when everything is in the file. */
  async close(): Promise<void> {
    this.#flush()
    this.#stream.end()
    await finished(this.#stream)
  }

  #flush(): void {
    this.#stream.write(this.#chunk)
    this.#chunk = ''
  }
}

/** Reads what a {@link RecordWriter} wrote. */
export async function readRecords(file: string): Promise<OperationRecord[]> {
  const records: OperationRecord[] = []
  for await (const line of createInterface({ input: createReadStream(file) }))
    records.push(decodeRecord(line))
  return records
}
