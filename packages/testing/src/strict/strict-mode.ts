import { TestingError } from '../errors.ts'
import type { ForbiddenPlace } from './forbidden.ts'
import { forbiddenPlaces, syncImports } from './forbidden.ts'

/** Told what strict code did, in case that the code swallows what it is thrown. */
export interface StrictGuard {
  fail(cause: unknown): void
}

// Globals are shared by all worlds of a thread, and so is what is put in their place: there while at least one strict world runs.
let worlds = 0
let restore: () => void = () => undefined
let running: StrictGuard | undefined

/** Puts functions that refuse in place of the real ones, until the result is called, once, by the last world that did this. */
export function enterStrict(): () => void {
  worlds += 1
  if (worlds === 1) restore = replaceAll()
  let left = false
  return () => {
    if (left) return
    left = true
    worlds -= 1
    if (worlds === 0) restore()
  }
}

/**
 * Says whose code runs from now on: that of a strict world, which is refused the real world, or (`undefined`) anybody else's, which is not. Between two turns of a simulation other
 * code of the process runs as well, a test runner's for instance, and must not notice.
 */
export function guardTurn(guard: StrictGuard | undefined): void {
  running = guard
}

function replaceAll(): () => void {
  const undo = [replaceDate(), ...forbiddenPlaces().map(replaceFunction)].toReversed()
  syncImports()
  return () => {
    for (const each of undo) each()
    syncImports()
  }
}

function replaceFunction({ owner, key, name }: ForbiddenPlace): () => void {
  const real = (owner as Record<string, object>)[key] as () => unknown
  const handler: ProxyHandler<() => unknown> = {
    apply(target, self, parameters) {
      refuse(name, handler.apply)
      return Reflect.apply(target, self, parameters) as unknown
    },
    construct(target, parameters, newTarget) {
      refuse(name, handler.construct)
      return Reflect.construct(target, parameters, newTarget) as object
    },
  }
  return define(owner, key, new Proxy(real, handler))
}

/** A date that is told its time stays allowed. `Date.now` is a function of its own. */
function replaceDate(): () => void {
  const handler: ProxyHandler<DateConstructor> = {
    apply(target, self, parameters) {
      refuse('Date()', handler.apply)
      return Reflect.apply(target, self, parameters) as string
    },
    construct(target, parameters, newTarget) {
      if (parameters.length === 0) refuse('new Date()', handler.construct)
      return Reflect.construct(target, parameters, newTarget) as object
    },
  }
  return define(globalThis, 'Date', new Proxy(Date, handler))
}

function define(owner: object, key: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, key)
  Object.defineProperty(owner, key, {
    value,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? false,
  })
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, key)
    else Object.defineProperty(owner, key, before)
  }
}

/** Throws when strict code is running; the stack begins at whoever called `below`. */
function refuse(
  name: string,
  below: ProxyHandler<object>['apply'] | ProxyHandler<object>['construct'],
): void {
  const guard = running
  if (guard === undefined) return
  const error = new TestingError(
    'TESTING_NOT_SIMULATED',
    `${name} was called inside a strict simulation, where time, chance, network and files come from the node's host and disk only`,
  )
  const { captureStackTrace } = Error as { captureStackTrace?: (error: Error, below: unknown) => void }
  captureStackTrace?.(error, below)
  guard.fail(error)
  throw error
}
