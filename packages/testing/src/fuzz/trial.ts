import { ColonyError, type Decoded } from '@colony/host'
import type { Fault } from './fuzz-failure.ts'
import type { CompleteFuzzOptions, Decoding } from './fuzz-options.ts'
import { sameStructure } from './same-structure.ts'
import { describeShape } from './value-shape.ts'

/** What one decoding came to. */
type Outcome<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  | { readonly kind: 'broken'; readonly error: unknown }

/** An outcome with what it cost: milliseconds, and bytes where they are measured. */
interface Measured<Value> {
  readonly outcome: Outcome<Value>
  readonly ms: number
  readonly bytes: number
}

/** What an input showed: something wrong, or a name for what came out. */
export type Finding =
  | { readonly fault: Fault }
  | {
      readonly fault?: undefined
      readonly isValue: boolean
      /** Code of the refusal. */
      readonly code: string
      readonly outcome: string
      readonly ms: number
    }

/** An input must fail this often in a row to be slow, or to need memory: a collection of garbage or a busy machine hits any input, but not always. */
const TRIES = 5

/** Holds one decoder to what it promises, input by input. */
export class Trial<Value> {
  readonly #options: CompleteFuzzOptions<Value>
  readonly #isAllowed: (error: unknown) => boolean

  constructor(options: CompleteFuzzOptions<Value>) {
    this.#options = options
    this.#isAllowed = options.allowed ?? ((error) => error instanceof ColonyError)
  }

  /** Decodes an input and looks at everything that must hold. */
  async examine(input: Uint8Array, tries: number = TRIES): Promise<Finding> {
    const measured = await this.#decode(input)
    const { outcome } = measured
    if (outcome.kind === 'broken') return { fault: notAllowed(outcome.error) }
    const costs = await this.#tooMuch(input, measured, tries)
    if (costs !== undefined) return { fault: costs }
    const { ms } = measured
    if (outcome.kind === 'refused') {
      return { isValue: false, code: outcome.code, outcome: `${outcome.code} ${outcome.reason}`, ms }
    }
    const changed = await this.#changedByEncoding(input, outcome.value)
    if (changed !== undefined) return { fault: changed }
    const { shape = describeShape } = this.#options
    return { isValue: true, code: '', outcome: shape(outcome.value), ms }
  }

  async #decode(input: Uint8Array): Promise<Measured<Value>> {
    const { limits } = this.#options
    // A copy: a decoder that writes to its input must not spoil the corpus, and memory of the copy is not the decoder's.
    const bytes = input.slice()
    const before = limits?.read() ?? 0
    const started = performance.now()
    const outcome = await this.#outcomeOf(bytes)
    const ms = performance.now() - started
    return { outcome, ms, bytes: (limits?.read() ?? 0) - before }
  }

  async #outcomeOf(bytes: Uint8Array): Promise<Outcome<Value>> {
    try {
      const result = this.#options.decode(bytes)
      return this.#read(isThenable(result) ? await result : result)
    } catch (error) {
      return this.#isAllowed(error) ? refusal(error) : { kind: 'broken', error }
    }
  }

  #read(result: Decoding<Value>): Outcome<Value> {
    if (result === undefined) return { kind: 'refused', code: 'undefined', reason: '' }
    if (!isDecoded<Value>(result)) return { kind: 'value', value: result }
    if (result.ok) return { kind: 'value', value: result.value }
    return this.#isAllowed(result.error) ? refusal(result.error) : { kind: 'broken', error: result.error }
  }

  async #tooMuch(input: Uint8Array, first: Measured<Value>, tries: number): Promise<Fault | undefined> {
    const { maxMs, limits } = this.#options
    const most = limits === undefined ? Infinity : limits.baseBytes + limits.bytesPerByte * input.length
    let { ms, bytes } = first
    for (let left = tries - 1; (ms > maxMs || bytes > most) && left > 0; left--) {
      const again = await this.#decode(input)
      ms = Math.min(ms, again.ms)
      bytes = Math.min(bytes, again.bytes)
    }
    if (ms > maxMs) {
      return { check: 'time', kind: '', detail: `took ${ms.toFixed(1)} ms, ${maxMs} ms are allowed` }
    }
    if (bytes <= most) return undefined
    return { check: 'memory', kind: '', detail: `allocated ${bytes} bytes, ${most} are allowed` }
  }

  async #changedByEncoding(input: Uint8Array, value: Value): Promise<Fault | undefined> {
    const { encode, same = sameStructure, canonical = false } = this.#options
    if (encode === undefined) return undefined
    let encoded: Uint8Array | undefined
    try {
      encoded = encode(value)
    } catch (cause) {
      return { ...roundTrip('encode', `gave a value that does not encode: ${messageOf(cause)}`), cause }
    }
    if (encoded === undefined) return undefined
    if (canonical && !sameStructure(encoded, input)) {
      return { check: 'spelling', kind: '', detail: 'accepted bytes that are not the ones of their value' }
    }
    const again = await this.#outcomeOf(encoded)
    if (again.kind === 'value') {
      return same(value, again.value)
        ? undefined
        : roundTrip('differs', 'gave a value that comes back as another')
    }
    const reason = again.kind === 'broken' ? messageOf(again.error) : `${again.code} ${again.reason}`
    return roundTrip('refused', `refused what its value encodes to: ${reason}`)
  }
}

function roundTrip(kind: string, detail: string): Fault {
  return { check: 'round-trip', kind, detail }
}

function notAllowed(error: unknown): Fault {
  const name = error instanceof Error ? error.name : typeof error
  const detail = `threw what is not allowed: ${messageOf(error)}`
  return { check: 'error', kind: `${name} ${withoutData(messageOf(error))}`, detail, cause: error }
}

function refusal<Value>(error: unknown): Outcome<Value> {
  const { code } = error as { readonly code?: unknown }
  return {
    kind: 'refused',
    code: typeof code === 'string' ? code : 'undefined',
    reason: withoutData(messageOf(error)),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** A message without the numbers and names of this one input: what is left tells reasons apart. */
function withoutData(message: string): string {
  return message
    .replace(/"[^"]*"|'[^']*'/g, '"…"')
    .replace(/[0-9a-f]{8,}|[0-9]+/g, '#')
    .slice(0, 200)
}

function isThenable<Value>(result: Value | Promise<Value>): result is Promise<Value> {
  return typeof (result as Partial<Promise<Value>> | undefined)?.then === 'function'
}

/** Whether it is the outcome that `decoded` and `malformed` of host make, and not a value of the caller's own that has an `ok`. */
function isDecoded<Value>(result: Value | Decoded<Value>): result is Decoded<Value> {
  if (typeof result !== 'object' || result === null) return false
  const { ok, error } = result as { readonly ok?: unknown; readonly error?: unknown }
  if (ok === true) return 'value' in result && Object.keys(result).length === 2
  return ok === false && error instanceof Error
}
