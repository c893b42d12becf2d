/// <reference lib="esnext.disposable" preserve="true" />

/** Who is to be woken when a key becomes free. */
export class Wakes {
  readonly #wakes = new Map<string, Set<() => void>>()

  /** Calls back when one of the keys may be free. */
  on(keys: readonly string[], wake: () => void): Disposable {
    for (const key of keys) {
      const others = this.#wakes.get(key)
      if (others === undefined) this.#wakes.set(key, new Set([wake]))
      else others.add(wake)
    }
    return {
      [Symbol.dispose]: () => {
        for (const key of keys) {
          const others = this.#wakes.get(key)
          if (others?.delete(wake) === true && others.size === 0) this.#wakes.delete(key)
        }
      },
    }
  }

  /** Somebody has said that `key` is free. */
  wake(key: string): void {
    for (const wake of this.#wakes.get(key) ?? []) wake()
  }
}
