import { stripVTControlCharacters } from 'node:util'
import { drawFrame } from './frame.ts'
import type { Snapshot, View } from './snapshot.ts'
import type { Style } from './style.ts'

const HIDE_CURSOR = '\u001B[?25l'
const SHOW_CURSOR = '\u001B[?25h'
const CLEAR_LINE_END = '\u001B[K'
const CLEAR_BELOW = '\u001B[J'

/** Draws the run in place, over and over. The last frame stays on the screen, and the cursor always comes back. */
export class TerminalView implements View {
  readonly #output: NodeJS.WriteStream
  readonly #style: Style
  readonly #restore = (): void => {
    this.#output.write(SHOW_CURSOR)
  }
  #drawn = 0
  #closed = false

  constructor(output: NodeJS.WriteStream, style: Style) {
    this.#output = output
    this.#style = style
    process.on('exit', this.#restore)
    output.write(HIDE_CURSOR)
  }

  update(snapshot: Snapshot): void {
    if (this.#closed) return
    const { columns, rows } = this.#output
    // More lines than the screen has could not be drawn over.
    const lines = drawFrame(snapshot, this.#style).slice(0, rows - 1)
    const up = this.#drawn > 0 ? `\u001B[${this.#drawn}A\r` : ''
    const text = lines.map((line) => `${fit(line, columns)}${CLEAR_LINE_END}\n`).join('')
    this.#output.write(`${up}${text}${CLEAR_BELOW}`)
    this.#drawn = lines.length
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    process.off('exit', this.#restore)
    this.#restore()
  }
}

/** A line that wraps would count as two. A long one loses its colours, which is better than losing its place. */
function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  return plain.length < columns ? line : plain.slice(0, columns - 1)
}
