import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['acquire', 'release']

interface Lock {
  /** The process that has it. */
  readonly holder: number | string | undefined
  /** The last fencing token that was handed out. */
  readonly token: number
}

/**
 * How locks begin.
 * @category Checkers
 */
export interface MutexModelOptions {
  /** A fencing token that all others must exceed. Default: the first may be any number. */
  readonly initial?: number
}

/**
 * A lock, or one for each key: `acquire` (result: a fencing token, a number greater than all before; or nothing, or `true`; or `false`: it was held, so the process did not get
 * it), `release` by the process that holds it (result, where it is `false`: the process did not hold it). It cannot be acquired twice, not even by its holder.
 *
 * For locks that expire: record the end of a lease as a `release` of its holder, or as an operation of unknown outcome from the time when it may have expired.
 * @category Checkers
 */
export function mutexModel(options: MutexModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? Number.NEGATIVE_INFINITY
  requireInitial(
    'mutex',
    typeof initial === 'number' && !Number.isNaN(initial),
    'a number, its last fencing token',
  )
  const model: Model<Lock> = {
    init: () => ({ holder: undefined, token: initial }),
    step: mutexStep,
    partition: ({ key }) => key ?? '',
    isPure: isRefused,
    // The type keeps process 1 and process "1" apart.
    stateKey: ({ holder, token }) => (holder === undefined ? token : `${token} ${typeof holder} ${holder}`),
    problem: (operation) => unknownVerb('mutex', VERBS, operation) ?? problemOfToken(operation),
  }
  return model
}

function problemOfToken({ f, result, outcome }: Operation): string | undefined {
  if (f !== 'acquire' || outcome !== 'ok' || result === undefined || result === null) return undefined
  if (typeof result === 'boolean' || Number.isFinite(result)) return undefined
  return "the result of an 'acquire' must be a number (the fencing token), true, false or nothing"
}

function isRefused({ outcome, result }: Operation): boolean {
  return outcome === 'ok' && result === false
}

function mutexStep(lock: Lock, operation: Operation): Step<Lock> {
  const { f, process, result, outcome } = operation
  const held = lock.holder !== undefined
  if (f === 'acquire') {
    if (isRefused(operation)) return { legal: held, state: lock }
    const told = outcome === 'ok' && typeof result === 'number'
    if (held || (told && result <= lock.token)) return { legal: false, state: lock }
    return { legal: true, state: { holder: process, token: told ? result : lock.token } }
  }
  if (f !== 'release') return refuseVerb('mutex', operation)
  const holds = held && lock.holder === process
  if (isRefused(operation)) return { legal: !holds, state: lock }
  return { legal: holds, state: holds ? { holder: undefined, token: lock.token } : lock }
}
