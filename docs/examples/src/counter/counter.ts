// A replicated counter of your own: nothing in it knows that it will be simulated. The primary counts, a backup keeps a copy.
// #region service
import type { Disk, DiskFile, Host } from '@colony/host'

/** Answers an increment once the number is on its own disk and on a backup's. */
export class Counter {
  readonly #host: Host
  readonly #file: DiskFile
  #value: number
  #copied = 0
  #saved: Promise<void> = Promise.resolve()

  private constructor(host: Host, file: DiskFile, value: number) {
    this.#host = host
    this.#file = file
    this.#value = value
  }

  static async start(id: string, host: Host, disk: Disk): Promise<Counter> {
    await host.open(id)
    await disk.makeDirectory('counter')
    const file = await disk.open('counter/value', { create: true })
    await disk.syncDirectory('counter')
    const counter = new Counter(host, file, decode(await file.read(0, 4)))
    host.transport.receive('copy', (from, frame) => void counter.#copy(from, decode(frame)))
    host.transport.receive('copied', (_, frame) => {
      counter.#copied = Math.max(counter.#copied, decode(frame))
    })
    return counter
  }

  get value(): number {
    return this.#value
  }

  async increment(backups: readonly string[]): Promise<number> {
    const value = ++this.#value
    await this.#save()
    while (this.#copied < value) {
      for (const backup of backups) this.#host.transport.send(backup, 'copy', encode(this.#value))
      await new Promise<void>((resolve) => void this.#host.clock.after(20, resolve))
    }
    return value
  }

  async #copy(from: string, value: number): Promise<void> {
    this.#value = Math.max(this.#value, value)
    await this.#save()
    this.#host.transport.send(from, 'copied', encode(value))
  }

  /** One write after the other, each of the newest value. */
  #save(): Promise<void> {
    // The planted bug: what was written is not on the disk yet. `writeDurable` would be right.
    this.#saved = this.#saved.then(() => this.#file.write(0, encode(this.#value)))
    return this.#saved
  }
}

const encode = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const decode = ([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number => (a << 24) | (b << 16) | (c << 8) | d
// #endregion service
