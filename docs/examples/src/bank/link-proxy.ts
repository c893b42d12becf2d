import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Address } from '@colony/host'

/** One connection through a proxy: the side that dialled, and the side that it was passed on to. */
interface Pair {
  readonly near: Socket
  far: Socket | undefined
}

/**
 * The way from one node to another: a port on loopback that passes bytes on to wherever that node listens now. Cutting it is what a
 * dead switch does: nothing arrives, nothing is refused, and neither side is told.
 */
export class LinkProxy {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #target: number | undefined
  #cut = false

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (near) => this.#accept(near))
  }

  /** Takes a free port. */
  static async open(): Promise<LinkProxy> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return new LinkProxy(server)
  }

  /** Where the one node finds the other. */
  get address(): Address {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Where the other node listens now, after a restart for instance. */
  set target(address: Address) {
    this.#target = Number(new URL(address).port)
  }

  /** From now on nothing passes. */
  cut(): void {
    this.#cut = true
    for (const { near, far } of this.#pairs) {
      if (far === undefined) continue
      near.unpipe(far)
      far.unpipe(near)
    }
  }

  /** What was held back passes, as after TCP's retransmission. */
  heal(): void {
    this.#cut = false
    for (const pair of this.#pairs) {
      if (pair.far === undefined) this.#passOn(pair)
      else join(pair.near, pair.far)
    }
  }

  /** Frees the port and drops every connection. */
  close(): void {
    this.#server.close()
    for (const { near, far } of this.#pairs) {
      near.destroy()
      far?.destroy()
    }
  }

  #accept(near: Socket): void {
    const pair: Pair = { near, far: undefined }
    this.#pairs.add(pair)
    near.on('error', () => {})
    near.once('close', () => {
      this.#pairs.delete(pair)
      pair.far?.destroy()
    })
    // In a cut the connection stands, since the kernel made it, but leads nowhere.
    if (!this.#cut) this.#passOn(pair)
  }

  #passOn(pair: Pair): void {
    if (this.#target === undefined) {
      pair.near.destroy()
      return
    }
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    pair.far = far
    far.on('error', () => {})
    far.once('close', () => pair.near.destroy())
    join(pair.near, far)
  }
}

function join(near: Socket, far: Socket): void {
  near.pipe(far)
  far.pipe(near)
}
