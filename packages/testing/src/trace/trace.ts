import { TraceHash } from './trace-hash.ts'

/**
 * What a line of a trace is about. `deliver`, `lose` (any frame that will not arrive), `send`, `timer`, `input` (a disk completion or a
 * call), `task` (the world's own), `fault`, `observe` (an event of the host's observer), `note` (a user's).
 * @category Trace
 */
export type TraceKind =
  'send' | 'deliver' | 'lose' | 'timer' | 'after-input' | 'input' | 'task' | 'fault' | 'observe' | 'note'

const CODES: Readonly<Record<TraceKind, number>> = {
  send: 1,
  deliver: 2,
  lose: 3,
  timer: 4,
  'after-input': 5,
  input: 6,
  task: 7,
  fault: 8,
  observe: 9,
  note: 10,
}

/** A chain of comparisons, the most frequent first: callers name the kind, so compilers leave one number of it, where a look-up by name stays one. */
function codeOf(kind: TraceKind): number {
  if (kind === 'send') return 1
  if (kind === 'deliver') return 2
  if (kind === 'timer') return 4
  if (kind === 'input') return 6
  if (kind === 'after-input') return 5
  if (kind === 'task') return 7
  return CODES[kind]
}

/** One remembered event. Overwritten in place when the ring comes round, since a million events should not make a million objects. */
interface Line {
  time: number
  kind: TraceKind
  node: string
  text: string
  value: number
}

/**
 * How much of a run is remembered for people. The hash covers everything in any case.
 * @category Trace
 */
export interface TraceOptions {
  /** Readable lines that are kept, the last ones of the run. 0 to 10^6. Default 40: what a failure report can show. */
  readonly lines?: number
}

/**
 * Folds every event of a simulation into one hash and keeps the last ones readable. Two runs with the same hash did the same things at
 * the same virtual times, byte for byte.
 */
export class Trace {
  readonly #hash = new TraceHash()
  readonly #ring: Line[] = []
  readonly #capacity: number
  readonly #counts = new Float64Array(Object.keys(CODES).length + 1)
  #next = 0

  /** Makes a trace that keeps `capacity` lines. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Takes in one event. `index` is the node's number, `time` is in virtual microseconds, `value` says more in one number. */
  record(time: number, kind: TraceKind, index: number, node: string, text = '', value = 0): void {
    const hash = this.#hash
    const code = codeOf(kind)
    this.#counts[code] = (this.#counts[code] as number) + 1
    hash.word(code | (index << 8))
    hash.integer(time)
    hash.word(value)
    if (kind !== 'send' && kind !== 'deliver' && kind !== 'lose') hash.text(text)
    if (this.#capacity === 0) return
    this.#remember(time, kind, node, text, value)
  }

  /** How many events there were of each kind. */
  get counts(): Record<TraceKind, number> {
    const counted = Object.entries(CODES).map(([kind, code]) => [kind, this.#counts[code] ?? 0])
    return Object.fromEntries(counted) as Record<TraceKind, number>
  }

  /** The hash of everything so far: 16 hexadecimal digits. */
  get hash(): string {
    return this.#hash.hex()
  }

  #remember(time: number, kind: TraceKind, node: string, text: string, value: number): void {
    const line = this.#ring[this.#next]
    if (line === undefined) {
      this.#ring.push({ time, kind, node, text, value })
    } else {
      line.time = time
      line.kind = kind
      line.node = node
      line.text = text
      line.value = value
    }
    this.#next = this.#next + 1 === this.#capacity ? 0 : this.#next + 1
  }

  /** The last lines, oldest first. */
  tail(): string[] {
    const lines = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)]
    return lines.map(renderLine)
  }
}

function renderLine({ time, kind, node, text, value }: Line): string {
  const at = `${(time / 1000).toFixed(3).padStart(12)} ms`
  const detail = value === 0 ? text : `${text} #${(value >>> 0).toString(16)}`
  return `${at}  ${kind.padEnd(11)} ${node.padEnd(6)} ${detail}`.trimEnd()
}
