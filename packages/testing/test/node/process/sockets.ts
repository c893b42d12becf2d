import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server on a free port, and its sockets so far. */
export interface TestServer {
  readonly address: string
  readonly sockets: readonly Socket[]
  close(): void
}

/** A server that does `serve` with each connection; closed when the test is over. */
export async function serverOfTest(serve: (socket: Socket) => void): Promise<TestServer> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    serve(socket)
  })
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(close)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, close }
}

/** A client, what it has received, and how its connection ended: `undefined` while it has not. */
export interface TestClient {
  readonly socket: Socket
  readonly received: () => string
  readonly end: () => 'closed' | 'reset' | undefined
}

/** Connects to an address; closed when the test is over. */
export function clientOfTest(address: string): TestClient {
  let text = ''
  let end: 'closed' | 'reset' | undefined
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => (end = 'reset')).on('close', () => (end ??= 'closed'))
  onTestFinished(() => void socket.destroy())
  return { socket, received: () => text, end: () => end }
}
