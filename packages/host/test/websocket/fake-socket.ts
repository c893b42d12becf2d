import { encodeHelloMessage } from '../../src/websocket/hello-message.ts'
import type { WebSocketLike } from '../../src/websocket/index.ts'

/** A socket whose other side is the test. */
export class FakeSocket implements WebSocketLike {
  binaryType = ''
  readyState = 1
  bufferedAmount = 0
  closed = false
  readonly sent: Uint8Array[] = []
  readonly #listeners = new Map<string, ((event: unknown) => void)[]>()

  send(data: Uint8Array): void {
    this.sent.push(data)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.readyState = 3
    for (const listener of this.#listeners.get('close') ?? []) listener({})
  }

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  /** The other side sends a message. */
  receives(data: Uint8Array | string): void {
    const event = { data: typeof data === 'string' ? data : data.slice().buffer }
    for (const listener of this.#listeners.get('message') ?? []) listener(event)
  }

  /** The other side introduces itself. */
  hello(clusterId: string, nodeId: string, life = '00'): void {
    const incarnation = life.repeat(8)
    this.receives(
      encodeHelloMessage({ clusterId, nodeId, incarnation, maxFrameBytes: 1024 * 1024, refusal: undefined }),
    )
  }
}
