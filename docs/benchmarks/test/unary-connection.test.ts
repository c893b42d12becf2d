import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { UnaryConnection } from '../src/grpc/unary-connection.ts'

const PATH = '/test.Echo/Say'
const opened: Disposable[] = []

afterEach(() => {
  for (const resource of opened.splice(0)) resource[Symbol.dispose]()
})

type Handler = (stream: ServerHttp2Stream, body: Buffer) => void

/** Node's own HTTP/2 server, as a judge of what our frames say. */
async function connectTo(handler: Handler): Promise<{ connection: UnaryConnection; paths: Set<unknown> }> {
  const paths = new Set<unknown>()
  const server: Http2Server = createServer()
  server.on('stream', (stream, headers) => {
    paths.add([headers[':method'], headers[':path'], headers['content-type'], headers['te']].join(' '))
    const pieces: Buffer[] = []
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => handler(stream, Buffer.concat(pieces)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const connection = await UnaryConnection.connect((server.address() as AddressInfo).port, PATH)
  opened.push(connection, { [Symbol.dispose]: () => void server.close() })
  return { connection, paths }
}

function call(connection: UnaryConnection, message: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => connection.call(message, resolve))
}

function answer(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(body)
}

describe('UnaryConnection', () => {
  it('makes calls that an HTTP/2 server understands, the first and the later ones', async () => {
    const bodies: string[] = []
    const { connection, paths } = await connectTo((stream, body) => {
      bodies.push(body.toString('latin1'))
      answer(stream, body)
    })
    const messages = ['one', 'two', 'three']
    const results = await Promise.all(messages.map((text) => call(connection, Buffer.from(text))))
    expect(results).toEqual([true, true, true])
    expect(await call(connection, Buffer.from('four'))).toBe(true)
    expect(bodies).toEqual(['\0\0\0\0\x03one', '\0\0\0\0\x03two', '\0\0\0\0\x05three', '\0\0\0\0\x04four'])
    expect([...paths]).toEqual([`POST ${PATH} application/grpc trailers`])
  })

  it('waits for the window of the connection instead of overrunning it', async () => {
    const { connection } = await connectTo(answer)
    const results = await Promise.all(Array.from({ length: 300 }, () => call(connection, Buffer.alloc(1000))))
    expect(results.every(Boolean)).toBe(true)
  })

  it('takes trailers without a message for a failure', async () => {
    const { connection } = await connectTo((stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' },
        { endStream: true },
      )
    })
    expect(await call(connection, Buffer.from('x'))).toBe(false)
  })

  it('fails what is open when the connection ends', async () => {
    const { connection } = await connectTo((stream) => stream.session?.destroy())
    expect(await call(connection, Buffer.from('x'))).toBe(false)
    expect(await call(connection, Buffer.from('after'))).toBe(false)
  })
})
