import type { Clock, Host, NodeId } from '@colony/host'
import type { SimulatedNode, World } from '@colony/testing'
import { DOWN, decodePacket, encodePacket, type Packet, UP } from './packet.ts'
import { ReliableStream } from './reliable-stream.ts'

/** The connection ended while something was asked: whether it was done is not known. */
export class LinkLost extends Error {}

/** The server answered with an error. */
export class ServerError extends Error {}

/** How a client of some server behaves. */
export interface ClientLinkOptions {
  /** What was not answered when a connection ends is asked again over the next one (as ioredis does); else it rejects. Default: false. */
  readonly replays?: boolean
  /** An answer that takes longer than so many milliseconds ends the connection. Default: never, as with most clients. */
  readonly stallMs?: number
  /** The server says something by itself. */
  readonly onPush?: (message: unknown) => void
  /** A connection ended; the next request opens another. */
  readonly onLost?: () => void
}

/** Connections of one process to servers. Make one for each process. */
export class ClientLinks {
  readonly #host: Host
  readonly #process: number
  readonly #world: World<never>
  readonly #links = new Map<string, ClientLink>()
  #last = 0

  constructor({ host, incarnation }: SimulatedNode<never>, world: World<never>) {
    this.#host = host
    this.#process = incarnation
    this.#world = world
    host.transport.receive(DOWN, (from, frame) => {
      const packet = decodePacket(frame)
      this.#links.get(packet.connection)?.receive(from, packet)
    })
  }

  /** A client of a server; it connects when something is asked. */
  open(server: NodeId, options: ClientLinkOptions = {}): ClientLink {
    const { transport, clock } = this.#host
    const link: ClientLink = new ClientLink(clock, server, options, {
      send: (packet) => void transport.send(server, UP, encodePacket(packet)),
      connected: () => {
        const name = `${this.#process}.${(this.#last += 1)}`
        this.#links.set(name, link)
        // Which process it is opened to, as the handshake of TCP would find out: the next process of the server knows nothing of it.
        return { name, server: this.#world.node(server).incarnation }
      },
      forget: (connection) => void this.#links.delete(connection),
    })
    return link
  }
}

interface Wire {
  readonly send: (packet: Packet) => void
  readonly connected: () => { readonly name: string; readonly server: number }
  readonly forget: (connection: string) => void
}

interface Pending {
  readonly question: unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
  stall: Disposable | undefined
}

interface Connection {
  readonly name: string
  readonly stream: ReliableStream
}

/** One client of one server: questions go out in order, and are answered or not. */
export class ClientLink {
  readonly #clock: Clock
  readonly #server: NodeId
  readonly #options: ClientLinkOptions
  readonly #wire: Wire
  readonly #pending = new Map<number, Pending>()
  #connection: Connection | undefined
  #lastQuestion = 0
  #isClosed = false

  constructor(clock: Clock, server: NodeId, options: ClientLinkOptions, wire: Wire) {
    this.#clock = clock
    this.#server = server
    this.#options = options
    this.#wire = wire
  }

  /** Asks the server. Nothing limits how long that takes. */
  request(question: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new LinkLost('closed'))
    return new Promise((resolve, reject) => {
      const id = (this.#lastQuestion += 1)
      const pending: Pending = { question, resolve, reject, stall: undefined }
      this.#pending.set(id, pending)
      this.#ask(id, pending)
    })
  }

  /** Ends the connection. What is under way rejects, and may be done all the same. */
  close(): void {
    this.#isClosed = true
    this.#disconnect()
    this.#rejectAll()
  }

  /** The connection fails, as by a firewall's whim; what the options say happens. */
  fail(): void {
    this.#disconnect()
    if (this.#options.replays === true) for (const [id, pending] of this.#pending) this.#ask(id, pending)
    else this.#rejectAll()
    this.#options.onLost?.()
  }

  receive(from: NodeId, packet: Packet): void {
    const connection = this.#connection
    if (from !== this.#server || connection?.name !== packet.connection) return
    if (packet.reset === true) return this.fail()
    connection.stream.receive(packet)
  }

  #ask(id: number, pending: Pending): void {
    const { stallMs } = this.#options
    pending.stall?.[Symbol.dispose]()
    if (stallMs !== undefined) pending.stall = this.#clock.after(stallMs, () => this.fail())
    this.#connected().stream.send({ id, question: pending.question })
  }

  #connected(): Connection {
    if (this.#connection !== undefined) return this.#connection
    const { name, server } = this.#wire.connected()
    const connection: Connection = {
      name,
      stream: new ReliableStream(
        this.#clock,
        (packet) => this.#wire.send({ ...packet, connection: name, server }),
        (body) => this.#hear(body as Answer),
      ),
    }
    this.#connection = connection
    return connection
  }

  #hear({ id, answer, error, push }: Answer): void {
    if (id === undefined) return this.#options.onPush?.(push)
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    pending.stall?.[Symbol.dispose]()
    if (error === undefined) pending.resolve(answer)
    else pending.reject(new ServerError(error))
  }

  #disconnect(): void {
    if (this.#connection === undefined) return
    this.#connection.stream.close()
    this.#wire.forget(this.#connection.name)
    this.#connection = undefined
  }

  #rejectAll(): void {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject, stall } of pending) {
      stall?.[Symbol.dispose]()
      reject(new LinkLost(`the connection to ${this.#server} ended`))
    }
  }
}

/** What comes from a server: an answer to a question, or something that nobody has asked for. */
interface Answer {
  readonly id?: number
  readonly answer?: unknown
  readonly error?: string
  readonly push?: unknown
}
