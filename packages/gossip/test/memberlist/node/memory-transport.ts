import type {
  SerfConnection,
  SerfTransport,
  SerfTransportHandlers,
} from '../../../src/memberlist/node/transport.ts'

/** A network in one process, that makes transports: as much of one as a node needs. */
export class MemoryNetwork {
  readonly #handlers = new Map<string, SerfTransportHandlers>()
  #next = 1

  transport(): SerfTransport {
    const address = `10.0.0.${this.#next++}:7946`
    return {
      open: (handlers) => {
        this.#handlers.set(address, handlers)
        return Promise.resolve(address)
      },
      send: (to, bytes) => {
        const copy = bytes.slice()
        queueMicrotask(() => this.#handlers.get(to)?.packet(address, copy))
      },
      connect: (to) => this.#connect(address, to),
      close: () => {
        this.#handlers.delete(address)
        return Promise.resolve()
      },
    }
  }

  #connect(from: string, to: string): SerfConnection {
    const [here, there] = pair(from, to)
    queueMicrotask(() => {
      const handlers = this.#handlers.get(to)
      if (handlers === undefined) there.destroy()
      else handlers.connection(there)
    })
    return here
  }
}

interface End extends SerfConnection {
  take(chunk: Uint8Array): void
  over(): void
}

/** Two ends of one connection; chunks that come before somebody receives wait. */
function pair(from: string, to: string): [End, End] {
  const ends: End[] = []
  const makeEnd = (remote: string, other: () => End): End => {
    const waiting: Uint8Array[] = []
    let data: ((chunk: Uint8Array) => void) | undefined
    let ended: (() => void) | undefined
    let isOver = false
    return {
      remote,
      receive(onData, onEnded) {
        data = onData
        ended = onEnded
        for (const chunk of waiting) onData(chunk)
        if (isOver) onEnded()
      },
      write: (bytes) => {
        const copy = bytes.slice()
        queueMicrotask(() => other().take(copy))
      },
      end: () => queueMicrotask(() => queueMicrotask(() => other().over())),
      destroy: () => queueMicrotask(() => other().over()),
      take(chunk) {
        if (isOver) return
        if (data === undefined) waiting.push(chunk)
        else data(chunk)
      },
      over() {
        if (isOver) return
        isOver = true
        ended?.()
        queueMicrotask(() => other().over())
      },
    }
  }
  ends.push(
    makeEnd(to, () => ends[1]!),
    makeEnd(from, () => ends[0]!),
  )
  return [ends[0]!, ends[1]!]
}
