/**
 * Rejections that nobody handles, while a simulation runs. Node tells them through `process`, browsers through an event of the global
 * object; both are reached structurally, since this package runs in either. Other listeners (a test runner's) are left alone.
 */
type Listener = (reason: unknown) => void

interface ProcessLike {
  on(name: 'unhandledRejection', listener: Listener): unknown
  off(name: 'unhandledRejection', listener: Listener): unknown
}

interface RejectionEventLike {
  readonly reason: unknown
}

interface Surroundings {
  readonly process?: Partial<ProcessLike>
  addEventListener?(name: 'unhandledrejection', listener: (event: RejectionEventLike) => void): void
  removeEventListener?(name: 'unhandledrejection', listener: (event: RejectionEventLike) => void): void
}

/** Calls `listener` for every unhandled rejection until the returned function is called. Does nothing where there is no such hook. */
export function watchRejections(listener: Listener): () => void {
  const surroundings = globalThis as unknown as Surroundings
  const { process } = surroundings
  if (process?.on !== undefined && process.off !== undefined) {
    process.on('unhandledRejection', listener)
    return () => void process.off?.('unhandledRejection', listener)
  }
  const onEvent = (event: RejectionEventLike): void => listener(event.reason)
  surroundings.addEventListener?.('unhandledrejection', onEvent)
  return () => surroundings.removeEventListener?.('unhandledrejection', onEvent)
}
