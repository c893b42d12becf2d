import type { Host, NodeId } from '@colony/host'
import type { SimulatedNode, World } from '@colony/testing'
import { DOWN, decodePacket, encodePacket, type Packet, UP } from './packet.ts'
import { ReliableStream } from './reliable-stream.ts'

/** One connection as a server sees it. */
export interface Session {
  readonly client: NodeId
  /** Says something that was not asked for. */
  push(message: unknown): void
}

/** What a server does with its connections. */
export interface ServerHandlers<Held extends Session> {
  /** Somebody has connected: makes what the server keeps of the connection. */
  connected(session: Session): Held
  /** Answers; what is thrown reaches the client as an error. May answer later: questions of one connection do not wait for each other's answers. */
  asked(session: Held, question: unknown): unknown
  /** The connection ended, and the server has noticed. */
  ended?(session: Held): void
}

/** How often a server looks whether its clients still live, and how long it puts up with one that cannot be reached, in milliseconds. */
const LOOK_MS = 200
const KEEPALIVE_MS = 4000

/**
 * Takes connections on a node. As with TCP, the end of a client's process is noticed soon where there is a way between the two, and after a keepalive's time where there is none; a process that is paused is connected all
 * the same.
 */
export function serveLinks<Held extends Session>(
  node: SimulatedNode<never>,
  world: World<never>,
  handlers: ServerHandlers<Held>,
): void {
  const { host, id } = node
  const links = new Map<string, ServerLink<Held>>()
  const ended = new Set<string>()
  host.transport.receive(UP, (from, frame) => {
    const packet = decodePacket(frame)
    const name = `${from} ${packet.connection}`
    let link = links.get(name)
    if (link === undefined) {
      if (packet.server !== node.incarnation || ended.has(name)) return reset(node, from, packet)
      link = new ServerLink(node, from, packet.connection, handlers)
      links.set(name, link)
    }
    link.stream.receive(packet)
  })
  const look = (): void => {
    for (const [name, link] of links) {
      const connected = world.network.connected(link.client, id) && world.network.connected(id, link.client)
      if (connected) link.reachedAt = host.clock.now()
      const gone = isOver(world, link.client, link.connection) && connected
      if (!gone && host.clock.now() - link.reachedAt < KEEPALIVE_MS) continue
      links.delete(name)
      ended.add(name)
      link.stream.close()
      handlers.ended?.(link.session)
    }
    host.clock.after(LOOK_MS, look)
  }
  look()
}

/** Whether the process that has opened the connection is dead. */
function isOver(world: World<never>, client: NodeId, connection: string): boolean {
  const { incarnation, state } = world.node(client)
  return state === 'down' || !connection.startsWith(`${incarnation}.`)
}

function reset({ host, incarnation }: SimulatedNode<never>, to: NodeId, { connection }: Packet): void {
  const packet: Packet = { connection, server: incarnation, upTo: 0, reset: true }
  host.transport.send(to, DOWN, encodePacket(packet))
}

class ServerLink<Held extends Session> {
  readonly client: NodeId
  readonly connection: string
  readonly stream: ReliableStream
  readonly session: Held
  reachedAt: number

  constructor(
    node: SimulatedNode<never>,
    client: NodeId,
    connection: string,
    handlers: ServerHandlers<Held>,
  ) {
    const { host, incarnation } = node
    this.client = client
    this.connection = connection
    this.reachedAt = host.clock.now()
    this.stream = new ReliableStream(
      host.clock,
      (packet) => sendDown(host, client, { ...packet, connection, server: incarnation }),
      (body) => void this.#answer(handlers, body as Question),
    )
    this.session = handlers.connected({ client, push: (push) => this.stream.send({ push }) })
  }

  async #answer(handlers: ServerHandlers<Held>, { id, question }: Question): Promise<void> {
    try {
      // Without an `await` in between: what can be answered at once has taken effect before the next question.
      const answer = handlers.asked(this.session, question)
      const settled: unknown = answer instanceof Promise ? await answer : answer
      this.stream.send({ id, answer: settled })
    } catch (error) {
      this.stream.send({ id, error: error instanceof Error ? error.message : String(error) })
    }
  }
}

function sendDown(host: Host, to: NodeId, packet: Packet): void {
  host.transport.send(to, DOWN, encodePacket(packet))
}

interface Question {
  readonly id: number
  readonly question: unknown
}
