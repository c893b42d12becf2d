import { type BackupHeader, decodeBackupHeader } from './backup-format.ts'
import { refusal } from './recovery-plan.ts'

/** Reads a backup from pieces of any size: the header, then the content of the snapshot, then the rest. */
export class BackupReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  #waiting = new Uint8Array(0)
  #contentLeft = 0

  constructor(backup: AsyncIterable<Uint8Array>) {
    this.#pieces = backup[Symbol.asyncIterator]()
  }

  /** What comes first. */
  async header(): Promise<BackupHeader> {
    for (;;) {
      const decoded = decodeBackupHeader(this.#waiting)
      if (decoded === undefined) throw refusal('this is no backup, or its header is damaged')
      if (decoded !== 'incomplete') {
        this.#waiting = this.#waiting.slice(decoded.length)
        this.#contentLeft = decoded.header.snapshotBytes
        return decoded.header
      }
      if (!(await this.#more())) throw refusal('the backup ends within its header')
    }
  }

  /** Then the content of the snapshot. */
  async *content(): AsyncGenerator<Uint8Array, void> {
    while (this.#contentLeft > 0) {
      if (this.#waiting.length === 0 && !(await this.#more())) return
      const bytes = this.#waiting.subarray(0, this.#contentLeft)
      this.#waiting = this.#waiting.slice(bytes.length)
      this.#contentLeft -= bytes.length
      if (bytes.length > 0) yield bytes
    }
  }

  /** And then the rest, at once. */
  async rest(): Promise<Uint8Array> {
    while (await this.#more());
    return this.#waiting
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next()
    if (next.done === true) return false
    const joined = new Uint8Array(this.#waiting.length + next.value.length)
    joined.set(this.#waiting)
    joined.set(next.value, this.#waiting.length)
    this.#waiting = joined
    return true
  }
}
