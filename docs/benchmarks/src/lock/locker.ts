/** Gives a lock back. */
export type Release = () => Promise<unknown>

/** A client of some lock: what it has to be able to do to be measured. */
export interface Locker extends AsyncDisposable {
  /** Waits for the lock of `key`. */
  take(key: string): Promise<Release>
}

/** One way of locking, measured beside others. */
export interface System {
  /** Short and unique within its part. */
  readonly name: string
  /** Opens a client of its own: its own connections, its own state. */
  open(): Promise<Locker>
}

/** How long every lock lasts, in milliseconds: longer than anything here holds one. */
export const TTL_MS = 8000

/** Makes a {@link Locker} of two functions. */
export function lockerOf(take: (key: string) => Promise<Release>, close: () => unknown): Locker {
  return {
    take,
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}

/** Waits. */
export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
