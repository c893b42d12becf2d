import type { MemberEvent, MemberSource } from './events.ts'

/** What follows a source. None of these may throw. */
export interface SourceHandlers<Meta> {
  readonly event: (event: MemberEvent<Meta>) => void
  readonly error: (error: unknown) => void
  readonly end: () => void
}

/** Begins to listen. The result stops it, and does not wait for a source that won't stop. */
export function followSource<Meta>(source: MemberSource<Meta>, handlers: SourceHandlers<Meta>): () => void {
  if (typeof source !== 'function') return iterate(source[Symbol.asyncIterator](), handlers)
  const stop = source(handlers.event)
  return () => {
    try {
      if (typeof stop === 'function') stop()
      else stop[Symbol.dispose]()
    } catch (error) {
      handlers.error(error)
    }
  }
}

function iterate<Meta>(
  iterator: AsyncIterator<MemberEvent<Meta>>,
  handlers: SourceHandlers<Meta>,
): () => void {
  let stopped = false
  const read = async (): Promise<void> => {
    try {
      while (!stopped) {
        const result: IteratorResult<MemberEvent<Meta>, unknown> = await iterator.next()
        if (stopped || result.done === true) break
        handlers.event(result.value)
      }
    } catch (error) {
      if (!stopped) handlers.error(error)
    }
    if (!stopped) handlers.end()
  }
  const leave = async (): Promise<void> => {
    try {
      await iterator.return?.()
    } catch (error) {
      handlers.error(error)
    }
  }
  // Neither rejects: both catch everything.
  void read()
  return () => {
    stopped = true
    void leave()
  }
}
