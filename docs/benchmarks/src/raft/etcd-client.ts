import { encodeBytesField } from '../grpc/protobuf.ts'
import { UnaryConnection } from '../grpc/unary-connection.ts'
import { serve } from '../measure/child.ts'
import { type Load, type LoadResult, runClosedLoop } from '../measure/closed-loop.ts'
import { keyOf, KEYS, VALUE } from './workload.ts'

/** The one process that puts load on an etcd cluster. */
export type EtcdClient = typeof methods

let connections: UnaryConnection[] = []

const methods = {
  /** Opens one connection to each of these ports, for calls of one kind; a port may be named more than once. */
  async connect({
    ports,
    call,
  }: {
    readonly ports: readonly number[]
    readonly call: 'Put' | 'Range'
  }): Promise<void> {
    for (const connection of connections) connection[Symbol.dispose]()
    connections = await Promise.all(
      ports.map((port) => UnaryConnection.connect(port, `/etcdserverpb.KV/${call}`)),
    )
  },

  /** Keeps puts outstanding, in turn over the connections. */
  async load(load: Load): Promise<LoadResult> {
    return await drive(load, (key) => Buffer.concat([encodeBytesField(1, key), encodeBytesField(2, VALUE)]))
  },

  /** Keeps reads of one key each outstanding; a Range is linearizable unless it asks for less. */
  async reads(load: Load): Promise<LoadResult> {
    return await drive(load, (key) => encodeBytesField(1, key))
  },
}

async function drive(load: Load, encode: (key: Buffer) => Uint8Array): Promise<LoadResult> {
  const requests = Array.from({ length: KEYS }, (_, key) => encode(Buffer.from(keyOf(key))))
  let sequence = 0
  return await runClosedLoop(load, (done) => {
    const request = requests[sequence % KEYS]
    const connection = connections[sequence % connections.length]
    sequence++
    if (request !== undefined) connection?.call(request, done)
  })
}

serve(methods)
