import { encodeBytesField } from '../grpc/protobuf.ts'
import { UnaryConnection } from '../grpc/unary-connection.ts'
import { serve } from '../measure/child.ts'
import { type Load, type LoadResult, runClosedLoop } from '../measure/closed-loop.ts'
import { keyOf, KEYS, VALUE } from './workload.ts'

/** The one process that puts load on an etcd cluster. */
export type EtcdClient = typeof methods

let connections: UnaryConnection[] = []

const methods = {
  /** Opens one connection to each of these ports; a port may be named more than once. */
  async connect(ports: readonly number[]): Promise<void> {
    for (const connection of connections) connection[Symbol.dispose]()
    connections = await Promise.all(
      ports.map((port) => UnaryConnection.connect(port, '/etcdserverpb.KV/Put')),
    )
  },

  /** Keeps puts outstanding, in turn over the connections. */
  async load(load: Load): Promise<LoadResult> {
    const requests = Array.from({ length: KEYS }, (_, key) =>
      Buffer.concat([encodeBytesField(1, Buffer.from(keyOf(key))), encodeBytesField(2, VALUE)]),
    )
    let sequence = 0
    return await runClosedLoop(load, (done) => {
      const request = requests[sequence % KEYS]
      const connection = connections[sequence % connections.length]
      sequence++
      if (request !== undefined) connection?.call(request, done)
    })
  },
}

serve(methods)
