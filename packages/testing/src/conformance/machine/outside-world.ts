/** Told what was asked of the world outside, by the name that was used. */
export type Asked = (what: string) => void

interface Guarded {
  readonly owner: object
  readonly name: string
  readonly shown: string
}

const GUARDED: readonly Guarded[] = [
  { owner: Date, name: 'now', shown: 'Date.now' },
  { owner: Math, name: 'random', shown: 'Math.random' },
  ...methodsOf('performance', ['now']),
  ...methodsOf('crypto', ['getRandomValues', 'randomUUID']),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'].map((name) => ({
    owner: globalThis,
    name,
    shown: name,
  })),
]

/**
 * Runs `act` and tells what it asked of clocks and chance, and what it left to run later; it gets true answers. Only while it runs are the globals
 * replaced, and `act` returns before anything else can run: nobody else is disturbed.
 */
export function watchOutside<Value>(asked: Asked, act: () => Value): Value {
  const restore = GUARDED.map((guarded) => guardMethod(guarded, asked))
  restore.push(guardDate(asked))
  try {
    return act()
  } finally {
    for (const undo of restore.reverse()) undo()
  }
}

function methodsOf(global: string, names: readonly string[]): readonly Guarded[] {
  const owner = (globalThis as unknown as Record<string, unknown>)[global]
  if (typeof owner !== 'object' || owner === null) return []
  return names.map((name) => ({ owner, name, shown: `${global}.${name}` }))
}

/** As an own property: methods of `performance` and `crypto` are inherited and stay as they are. */
function guardMethod({ owner, name, shown }: Guarded, asked: Asked): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  const original: unknown = Reflect.get(owner, name)
  if (typeof original !== 'function') return () => undefined
  Object.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    value: (...given: readonly unknown[]): unknown => {
      asked(shown)
      return Reflect.apply(original, owner, given)
    },
  })
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, own)
  }
}

/** `new Date(value)` is arithmetic; without a value it reads the clock. */
function guardDate(asked: Asked): () => void {
  const original = globalThis.Date
  const look = (given: readonly unknown[]): void => {
    if (given.length === 0) asked('new Date()')
  }
  globalThis.Date = new Proxy(original, {
    construct: (target, given: unknown[], newTarget): object => {
      look(given)
      return Reflect.construct(target, given, newTarget) as object
    },
    apply: (target, self, given: unknown[]): unknown => {
      asked('Date()')
      return Reflect.apply(target, self, given)
    },
  })
  return () => {
    globalThis.Date = original
  }
}
