/** Something of the real world that a strict simulation must not touch: a function, and where it is found. */
export interface ForbiddenPlace {
  /** What the function is a property of. */
  readonly owner: object
  /** Its key there. */
  readonly key: string
  /** What it is called in messages. */
  readonly name: string
}

interface ProcessLike {
  getBuiltinModule?: (name: string) => object | undefined
  hrtime?: object
}

type Table = Readonly<Record<string, unknown>>

const GLOBALS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'requestAnimationFrame',
  'requestIdleCallback',
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
]

/** Functions of objects that are reached through a global. */
const OF_GLOBALS: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  performance: ['now'],
  crypto: ['getRandomValues', 'randomUUID'],
  AbortSignal: ['timeout'],
}

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate']

/** Functions of Node's modules, or of the prototypes of their classes, through which everything else goes. */
const OF_MODULES: Readonly<Record<string, readonly string[]>> = {
  'node:timers': TIMERS,
  'node:timers/promises': TIMERS,
  'node:crypto': [
    'randomBytes',
    'randomFill',
    'randomFillSync',
    'randomInt',
    'randomUUID',
    'getRandomValues',
  ],
  'node:net': ['connect', 'createConnection', 'Socket.connect', 'Server.listen'],
  'node:dgram': ['Socket.bind', 'Socket.connect', 'Socket.send'],
  'node:http': ['request', 'get'],
  'node:https': ['request', 'get'],
  'node:http2': ['connect'],
  'node:dns': ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse'],
  'node:dns/promises': ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse'],
  'node:child_process': ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'],
}

/** Modules of which every function reaches for files. */
const WHOLE_MODULES = ['node:fs', 'node:fs/promises']

/** Everything that is forbidden here: more under Node than in a browser, and only what exists. */
export function forbiddenPlaces(): readonly ForbiddenPlace[] {
  return [...globalPlaces(), ...modulePlaces()]
}

/** Lets `import { readFile } from 'node:fs'` see what was changed in the module's object. */
export function syncImports(): void {
  const module = builtin('node:module') as { syncBuiltinESMExports?: () => void } | undefined
  module?.syncBuiltinESMExports?.()
}

function globalPlaces(): ForbiddenPlace[] {
  const surroundings = globalThis as unknown as Table
  const direct = GLOBALS.map((key) => ({ owner: globalThis, key, name: key }))
  const inner = Object.entries(OF_GLOBALS).flatMap(([name, keys]) => placesOf(surroundings[name], name, keys))
  return [...direct, ...inner].filter(exists)
}

function modulePlaces(): ForbiddenPlace[] {
  const { hrtime } = processLike()
  const times = [
    ...placesOf(processLike(), 'process', ['hrtime']),
    ...placesOf(hrtime, 'process.hrtime', ['bigint']),
  ]
  const listed = Object.entries(OF_MODULES).flatMap(([name, keys]) => placesOf(builtin(name), name, keys))
  const whole = WHOLE_MODULES.flatMap((name) => {
    const module = builtin(name)
    // Classes stay: nothing reaches a file through them but by the functions.
    const keys = Object.keys(module ?? {}).filter((key) => /^[a-z]/.test(key) && key !== 'promises')
    return placesOf(module, name, keys)
  })
  return [...times, ...listed, ...whole].filter(exists)
}

/** `Socket.connect` is the method of a class. */
function placesOf(owner: unknown, name: string, keys: readonly string[]): ForbiddenPlace[] {
  if (owner === null || (typeof owner !== 'object' && typeof owner !== 'function')) return []
  return keys.flatMap((key) => {
    const [outer = '', method] = key.split('.')
    if (method === undefined) return [{ owner, key, name: `${name}.${key}` }]
    const { prototype } = ((owner as Table)[outer] ?? {}) as { readonly prototype?: object }
    return prototype === undefined ? [] : [{ owner: prototype, key: method, name: `${name}.${key}` }]
  })
}

function exists({ owner, key }: ForbiddenPlace): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key)
  // Getters of a module are constants that are on their way out, and looking at them prints a warning; those of the global object are lazy.
  if (descriptor?.get !== undefined && owner !== globalThis) return false
  return (
    typeof (owner as Table)[key] === 'function' &&
    (descriptor === undefined || descriptor.configurable === true)
  )
}

function processLike(): ProcessLike {
  return (globalThis as unknown as { readonly process?: ProcessLike }).process ?? {}
}

function builtin(name: string): object | undefined {
  return processLike().getBuiltinModule?.(name)
}
