import type { StateMachine } from '../../../src/index.ts'

/** What is done to the notes: one is added, of a length. */
export interface Note {
  readonly text: string
  readonly bytes?: number
}

/** A list of notes, which can be told apart and counted, whose snapshot has several chunks. */
export class Notes implements StateMachine<Note, number> {
  notes: string[] = []
  /** Throws instead of giving the next snapshot. */
  failing: 'snapshot' | 'restore' | 'later' | undefined
  restores = 0

  apply({ text, bytes = 0 }: Note): number {
    this.notes.push(text.padEnd(bytes, '.'))
    return this.notes.length
  }

  *snapshot(): Iterable<Uint8Array> {
    if (this.failing === 'snapshot') throw new Error('no snapshot today')
    const copy = [...this.notes]
    for (const [at, note] of copy.entries()) {
      if (this.failing === 'later' && at === 2) throw new Error('no snapshot any more')
      yield new TextEncoder().encode(`${JSON.stringify(note)}\n`)
    }
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.failing === 'restore') throw new Error('cannot restore')
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    this.restores++
    const lines = Buffer.concat(parts).toString().split('\n')
    this.notes = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as string)
  }
}
