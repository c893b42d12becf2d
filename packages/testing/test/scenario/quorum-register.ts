import type { Clock, Disk, DiskFile, Host, NodeId } from '@colony/host'

/** Bugs that can be planted into a {@link QuorumRegister}. */
export type PlantedBug =
  /** A read does not make sure that a majority has what it returns. */
  | 'no write-back'
  /** A write is answered before it is on the disk. */
  | 'not durable'
  /** A write does not ask what is there, but counts by itself. */
  | 'own counter'
  /** Once a node has been restarted it waits for all others instead of a majority. */
  | 'waits for all'

interface Version {
  readonly stamp: number
  readonly writer: string
  readonly value: unknown
}

interface Request {
  readonly number: number
  readonly store?: Version
}

const RECORD_BYTES = 128
const RESEND_MS = 40

/** A register on a majority of nodes (Attiya, Bar-Noy and Dolev 1995), written as anybody would write a service: async functions over a host and a disk. */
export class QuorumRegister {
  readonly #host: Host
  readonly #id: NodeId
  readonly #peers: readonly NodeId[]
  readonly #file: DiskFile
  readonly #bug: PlantedBug | undefined
  readonly #waiting = new Map<number, (from: NodeId, version: Version) => void>()
  readonly #needed: number
  #version: Version = { stamp: 0, writer: '', value: null }
  #records: number
  #numbers = 0

  private constructor(node: StartedNode, file: DiskFile, records: number, bug: PlantedBug | undefined) {
    this.#host = node.host
    this.#id = node.id
    this.#peers = node.peers
    this.#file = file
    this.#bug = bug
    this.#records = records
    const all = bug === 'waits for all' && node.incarnation > 1
    this.#needed = all ? node.peers.length : Math.floor(node.peers.length / 2) + 1
  }

  static async start(node: StartedNode, bug?: PlantedBug): Promise<QuorumRegister> {
    const { host, disk } = node
    await host.open(node.id)
    await disk.makeDirectory('data')
    const file = await disk.open('data/register', { create: true })
    await disk.syncDirectory('data')
    const bytes = await file.read(0, await file.size())
    const register = new QuorumRegister(node, file, Math.ceil(bytes.length / RECORD_BYTES), bug)
    register.#recover(bytes)
    host.transport.receive('ask', (from, frame) => void register.#answer(from, decode(frame) as Request))
    host.transport.receive('tell', (from, frame) => {
      const { number, version } = decode(frame) as { number: number; version: Version }
      register.#waiting.get(number)?.(from, version)
    })
    return register
  }

  /** The newest version that this node has. */
  get version(): Version {
    return this.#version
  }

  async read(): Promise<unknown> {
    const newest = await this.#query()
    if (this.#bug !== 'no write-back') await this.#ask(newest)
    return newest.value
  }

  async write(value: unknown): Promise<void> {
    const newest = this.#bug === 'own counter' ? this.#version : await this.#query()
    const writer = `${this.#id}:${this.#host.random.integer(0, 1e9)}`
    await this.#ask({ stamp: newest.stamp + 1, writer, value })
  }

  async #query(): Promise<Version> {
    const answers = await this.#ask()
    return answers.reduce((best, version) => (isNewer(version, best) ? version : best))
  }

  /** Asks every node, again and again, until enough have answered. */
  async #ask(store?: Version): Promise<Version[]> {
    const number = (this.#numbers += 1)
    const frame = encode({ number, ...(store !== undefined && { store }) } satisfies Request)
    const answers = new Map<NodeId, Version>()
    const enough = new Promise<void>((resolve) =>
      this.#waiting.set(number, (from, version) => {
        answers.set(from, version)
        if (answers.size >= this.#needed) resolve()
      }),
    )
    let open = true
    void this.#resend(frame, answers, () => open)
    await enough
    open = false
    this.#waiting.delete(number)
    return [...answers.values()]
  }

  async #resend(
    frame: Uint8Array,
    answers: ReadonlyMap<NodeId, Version>,
    open: () => boolean,
  ): Promise<void> {
    while (open()) {
      for (const peer of this.#peers) {
        if (answers.has(peer)) continue
        if (peer === this.#id) void this.#answer(peer, decode(frame) as Request)
        else this.#host.transport.send(peer, 'ask', frame)
      }
      await sleep(this.#host.clock, RESEND_MS)
    }
  }

  async #answer(from: NodeId, { number, store }: Request): Promise<void> {
    if (store !== undefined && isNewer(store, this.#version)) {
      this.#version = store
      const written = this.#append(store)
      if (this.#bug !== 'not durable') await written
    } else if (store !== undefined && this.#pending > 0) {
      await this.#written
    }
    const version = this.#version
    if (from === this.#id) this.#waiting.get(number)?.(from, version)
    else this.#host.transport.send(from, 'tell', encode({ number, version }))
  }

  #pending = 0
  #written: Promise<void> = Promise.resolve()

  #append(version: Version): Promise<void> {
    const place = this.#records
    this.#records += 1
    this.#pending += 1
    const record = encode(version)
    const bytes = new Uint8Array(RECORD_BYTES).fill(32)
    bytes.set(record)
    const before = this.#written
    this.#written = this.#file.writeDurable(place * RECORD_BYTES, bytes).then(async () => {
      await before
      this.#pending -= 1
    })
    return this.#written
  }

  #recover(bytes: Uint8Array): void {
    for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
      const version = parsed(bytes.subarray(at, at + RECORD_BYTES))
      if (version !== undefined && isNewer(version, this.#version)) this.#version = version
    }
  }
}

/** What a register starts on. */
export interface StartedNode {
  readonly id: NodeId
  readonly incarnation: number
  readonly host: Host
  readonly disk: Disk
  /** All nodes, this one too. */
  readonly peers: readonly NodeId[]
}

function isNewer(left: Version, right: Version): boolean {
  return left.stamp > right.stamp || (left.stamp === right.stamp && left.writer > right.writer)
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

/** A record that a power failure tore is none. */
function parsed(bytes: Uint8Array): Version | undefined {
  try {
    return decode(bytes) as Version
  } catch {
    return undefined
  }
}
