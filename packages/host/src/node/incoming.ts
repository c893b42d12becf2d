import type { NodeId } from '../core/identity.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import type { Hello } from '../core/hello.ts'
import type { CloseReason, Refusal } from '../core/refusal.ts'
import type { TcpContext } from './tcp-context.ts'

/** The connections that other nodes have made: at most one a node, the newest. */
export class IncomingConnections implements ConnectionOwner {
  readonly #context: TcpContext
  readonly #connections = new Map<NodeId, Connection>()
  readonly #heardFrom: (peer: NodeId, incarnation: string) => void
  #closing = false

  /** `heardFrom` is told of every peer that connects. */
  constructor(context: TcpContext, heardFrom: (peer: NodeId, incarnation: string) => void) {
    this.#context = context
    this.#heardFrom = heardFrom
  }

  judge(_connection: Connection, hello: Hello): Refusal | undefined {
    return this.#context.ownId(hello)
  }

  opened(connection: Connection): void {
    const { peer, remote, incarnation } = connection
    if (this.#closing) {
      connection.finish('closed')
      return
    }
    const older = this.#connections.get(peer)
    this.#connections.set(peer, connection)
    const restarted = older !== undefined && older.incarnation !== incarnation
    older?.end('superseded', restarted ? `'${peer}' has restarted, or two processes bear its id` : undefined)
    this.#context.report('connection-opened', 'info', { direction: 'in', peer, remote })
    this.#heardFrom(peer, incarnation)
  }

  refused(refusal: Refusal, connection: Connection): void {
    if (this.#closing) return
    const { peer, remote } = connection
    this.#context.refused(refusal, 'in', peer === '' ? { remote } : { peer, remote })
  }

  closed(connection: Connection, reason: CloseReason, detail: string | undefined): void {
    const { peer, remote } = connection
    if (this.#connections.get(peer) === connection) this.#connections.delete(peer)
    const level = reason === 'goodbye' || reason === 'closed' ? 'info' : 'warn'
    this.#context.report('connection-closed', level, { direction: 'in', peer, remote, reason, detail })
    this.#context.closed(peer, reason)
  }

  /** Closes those that have fallen silent. */
  sweep(nowMs: number): void {
    for (const connection of this.#connections.values()) connection.checkIdle(nowMs)
  }

  /** From now on whoever still comes is sent away, without a word to the observer. */
  close(): void {
    this.#closing = true
  }
}
