import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A link to a server on loopback that can become a black hole: nothing arrives any more, and nobody is told. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>
  #isCut = false

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  static async start(target: number): Promise<TcpProxy> {
    const sockets = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(target, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one)
        one.setNoDelay(true)
        one.on('data', (chunk) => other.write(chunk))
        one.on('error', () => other.destroy())
        one.on('close', () => {
          sockets.delete(one)
          other.destroy()
        })
        if (proxy.#isCut) one.pause()
      }
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy: TcpProxy = new TcpProxy(server, sockets)
    return proxy
  }

  /** From now on nothing passes; connections stay, and new ones open. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** What waited passes, and what comes. */
  heal(): void {
    this.#isCut = false
    for (const socket of this.#sockets) socket.resume()
  }

  /** Ends all connections. */
  reset(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
