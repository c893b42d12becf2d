import { requireRange } from '../errors.ts'
import type { FailurePicture } from './failure-picture.ts'
import { NodeColumns } from './node-columns.ts'
import { printable, shortened } from './printable.ts'
import { layoutScene, type Scene } from './scene.ts'
import { importantLines, type TextLine } from './text-lines.ts'

/**
 * How to write a failure.
 * @category Pictures
 */
export interface TextPictureOptions {
  /** Characters of a line at most: a whole number from 40 to 1,000. Default 120. */
  readonly columns?: number
  /** Lines about what happened at most, around the failure: a whole number from 1 to 100,000. Default 100. */
  readonly lines?: number
}

/** Of the lines that are kept, so many of ten lie before the failure: causes come first. */
const BEFORE = 0.8
const TIME_WIDTH = 12
const MARK = '>>'

/**
 * Writes a failed run in fixed columns, for logs: a line an event of importance, with its time, one character a node for its state (`.` runs, `x` down, `z` paused,
 * else the first letter of its role), and what happened: faults, roles, notes, lost messages (summed up), calls and returns of clients. What was
 * delivered as it should be is left out. The first impossible operation is marked with `>>`. No character of a name or a value can break the lines.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an option out of range.
 * @category Pictures
 */
export function renderText(picture: FailurePicture, options: TextPictureOptions = {}): string {
  const columns = Math.floor(requireRange('columns', options.columns ?? 120, 40, 1000))
  const most = Math.floor(requireRange('lines', options.lines ?? 100, 1, 100_000))
  const scene = layoutScene(picture)
  const nodes = new NodeColumns(picture.timeline.nodes)
  const { lines, failureAt } = importantLines(picture, nodes)
  const { from, to } = excerpt(lines.length, failureAt, most)
  const body = [
    ...headLines(scene, columns),
    '',
    `${'ms'.padStart(TIME_WIDTH)}  ${nodes.heading}  what happened`,
    ...omitted(from, 'before'),
    ...lines.slice(from, to).map(written),
    ...omitted(lines.length - to, 'after'),
    ...nodes.legend.map((line) => `${' '.repeat(TIME_WIDTH)}  ${line}`),
  ].map((line) => shortened(line.trimEnd(), columns))
  const why = scene.verdict.why.flatMap((sentence) => wrapped(sentence, columns))
  // A command is of no use when its end is cut off.
  const repro = scene.repro === '' ? [] : ['', `repeat: ${scene.repro}`]
  return [...body, ...(why.length > 0 ? ['', ...why] : []), ...repro, ''].join('\n')
}

/** Lines of whole words, as far as words are short enough. */
function wrapped(sentence: string, columns: number): string[] {
  const lines = ['']
  for (const word of sentence.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => shortened(line, columns))
}

function headLines({ title, subtitle, verdict, forgotten }: Scene, columns: number): string[] {
  const lines = wrapped(subtitle === '' || subtitle === title ? title : `${title} (${subtitle})`, columns)
  const [first, ...rest] = verdict.message
  if (verdict.check !== '') {
    lines.push(...wrapped(`failed: ${verdict.check}${first === undefined ? '' : `: ${first}`}`, columns))
    lines.push(...rest.map((line) => `  ${line}`))
  }
  if (forgotten > 0) lines.push(`${forgotten} earlier events were not kept`)
  return lines
}

function written({ at, states, text, marked }: TextLine): string {
  const time = at.toFixed(3)
  const start = marked ? MARK + time.padStart(TIME_WIDTH - MARK.length) : time.padStart(TIME_WIDTH)
  return `${start}  ${states}  ${printable(text)}`
}

/** Which lines to keep: all, or those around the failure. */
export function excerpt(count: number, failureAt: number, most: number): { from: number; to: number } {
  if (count <= most) return { from: 0, to: count }
  const before = Math.min(failureAt, Math.floor(most * BEFORE))
  const from = Math.min(failureAt - before, count - most)
  return { from, to: from + most }
}

function omitted(count: number, where: 'before' | 'after'): string[] {
  return count === 0 ? [] : [`${' '.repeat(TIME_WIDTH)}  … ${count} lines ${where} are left out`]
}
