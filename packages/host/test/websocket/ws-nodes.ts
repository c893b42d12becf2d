import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { AddressBook } from '../../src/address-book.ts'
import type { Observer } from '../../src/observer.ts'
import {
  webSocketTransport,
  type WebSocketTransport,
  type WebSocketTransportOptions,
} from '../../src/websocket/index.ts'

/** What a node of {@link WebSocketNodes} may do otherwise. */
export interface NodeOptions extends Partial<WebSocketTransportOptions> {
  readonly observer?: Observer
}

/** Nodes that meet over real WebSockets of the loopback interface, each with a server of its own. */
export class WebSocketNodes {
  readonly addresses = new AddressBook()

  /** A node that others can dial. Closing it closes its server. */
  async server(options: NodeOptions = {}): Promise<WebSocketTransport> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const transport = this.#make({ ...options, advertise: `ws://127.0.0.1:${port}` })
    server.on('connection', (socket) => transport.accept(socket as never))
    const close = transport.close.bind(transport)
    const closeBoth = async (): Promise<void> => {
      await close()
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    }
    let closing: Promise<void> | undefined
    return Object.assign(transport, { close: () => (closing ??= closeBoth()) })
  }

  /** A node that nobody can dial, as a page in a browser is. */
  client(options: NodeOptions = {}): WebSocketTransport {
    return this.#make(options)
  }

  #make(options: NodeOptions): WebSocketTransport {
    return webSocketTransport({
      clusterId: 'conformance',
      addresses: this.addresses,
      connect: (url) => new WebSocket(url) as never,
      maxFrameBytes: 256 * 1024,
      maxQueueBytes: 1024 * 1024,
      reconnectMs: 100,
      ...options,
    })
  }
}
