import { SocketTransport } from '../../../src/memberlist/node/socket-transport.ts'
import type { SerfConnection, SerfTransportHandlers } from '../../../src/memberlist/node/transport.ts'

/** The system's sockets on loopback, that can be made deaf and mute for a while. */
export class MutableTransport extends SocketTransport {
  muted = false

  constructor() {
    super('127.0.0.1', 0)
  }

  override async open(handlers: SerfTransportHandlers): Promise<string> {
    return await super.open({
      packet: (from, bytes) => {
        if (!this.muted) handlers.packet(from, bytes)
      },
      connection: (connection) => {
        if (this.muted) connection.destroy()
        else handlers.connection(connection)
      },
    })
  }

  override send(to: string, bytes: Uint8Array): void {
    if (!this.muted) super.send(to, bytes)
  }

  override connect(to: string): SerfConnection {
    const connection = super.connect(to)
    if (this.muted) connection.destroy()
    return connection
  }
}

/** Waits until something holds, looking every 25 ms. @throws With what was seen last when it does not within the time. */
export async function eventually<Seen>(
  look: () => Seen | Promise<Seen>,
  holds: (seen: Seen) => boolean,
  withinMs: number,
): Promise<Seen> {
  const until = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (performance.now() > until) {
      throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
