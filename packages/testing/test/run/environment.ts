import { afterEach } from 'vitest'

const { env } = (
  globalThis as unknown as { readonly process: { readonly env: Record<string, string | undefined> } }
).process

const NAMES = ['COLONY_SEED', 'COLONY_SEEDS', 'COLONY_BASE', 'COLONY_TIME', 'COLONY_TRACE']

/** Sets the variables of a test, and no others, until it is over. */
export function setEnvironment(values: Readonly<Record<string, string>>): void {
  for (const name of [...NAMES, ...Object.keys(values)]) {
    const value = values[name]
    if (value === undefined) delete env[name]
    else env[name] = value
  }
}

/** Restores the environment after each test of a file. */
export function restoreEnvironment(more: readonly string[] = []): void {
  const before = new Map([...NAMES, ...more].map((name) => [name, env[name]]))
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete env[name]
      else env[name] = value
    }
  })
}
