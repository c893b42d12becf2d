/**
 * The messages of the memberlist protocol. On the wire each is one byte (see {@link MESSAGE_TYPES}) and a msgpack map whose keys are the names that the
 * protocol's first implementation gave to its fields. Numbers are append only.
 */
export const MESSAGE_TYPES = {
  ping: 0,
  indirectPing: 1,
  ack: 2,
  suspect: 3,
  alive: 4,
  dead: 5,
  pushPull: 6,
  compound: 7,
  user: 8,
  compress: 9,
  encrypt: 10,
  nack: 11,
  crc: 12,
  error: 13,
  label: 244,
} as const

/** The longest blob of meta data that peers accept. */
export const MAX_META_BYTES = 512
/** The longest name that is accepted of a member. */
export const MAX_NAME_BYTES = 255
/** The highest incarnation: what has it can't be refuted, because incarnations do not wrap. */
export const MAX_INCARNATION = 0xffff_ffff

/** Who to answer: a ping says so where its sender is not reachable at the address that it sends from. */
export interface Source {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array
  /** 1 to 65535. */
  readonly port: number
  /** Its name, `''` when not told. */
  readonly name: string
}

/** "Are you there, and are you `node`?" Answered by an ack with the same number. */
export interface Ping {
  readonly type: 'ping'
  readonly seq: number
  readonly node: string
  readonly source?: Source
}

/** "Ask `node` whether it is there, on my behalf." Answered by an ack, or by a nack when `nack` is set and `node` was silent. */
export interface IndirectPing {
  readonly type: 'indirectPing'
  readonly seq: number
  readonly ip: Uint8Array
  readonly port: number
  readonly node: string
  readonly nack: boolean
  readonly source?: Source
}

/** The answer to a ping; Serf puts network coordinates into the payload. */
export interface Ack {
  readonly type: 'ack'
  readonly seq: number
  readonly payload: Uint8Array
}

/** "I have asked, and got no answer": tells the asker that it can still hear somebody. */
export interface Nack {
  readonly type: 'nack'
  readonly seq: number
}

/** `from` got no answer of `node`. */
export interface Suspect {
  readonly type: 'suspect'
  readonly incarnation: number
  readonly node: string
  readonly from: string
}

/** `node` says of itself that it is there, where, and with what meta data. */
export interface Alive {
  readonly type: 'alive'
  readonly incarnation: number
  readonly node: string
  readonly ip: Uint8Array
  readonly port: number
  readonly meta: Uint8Array
  /** Protocol least, most, current; delegate's least, most, current. Fewer in very old versions. */
  readonly versions: Uint8Array
}

/** `from` takes `node` for dead; when both are the same it has left. */
export interface Dead {
  readonly type: 'dead'
  readonly incarnation: number
  readonly node: string
  readonly from: string
}

/** Bytes for whatever is built on top, such as Serf. */
export interface UserMessage {
  readonly type: 'user'
  readonly bytes: Uint8Array
}

/** Why a stream was refused. */
export interface ErrorMessage {
  readonly type: 'error'
  readonly text: string
}

/** How a member stands in a push/pull; the number on the wire is the index. */
export const NODE_STATES = ['alive', 'suspect', 'dead', 'left'] as const

/** How a member stands. */
export type NodeState = (typeof NODE_STATES)[number]

/** One member in a push/pull. */
export interface PushedNode {
  readonly node: string
  readonly ip: Uint8Array
  readonly port: number
  readonly meta: Uint8Array
  readonly incarnation: number
  readonly state: NodeState
  readonly versions: Uint8Array
}

/** All that one side knows. Answered by the same of the other side. */
export interface PushPull {
  readonly type: 'pushPull'
  readonly join: boolean
  readonly nodes: readonly PushedNode[]
  /** The state of whatever is built on top. */
  readonly userState: Uint8Array
}

/** What a packet may hold. */
export type PacketMessage = Ping | IndirectPing | Ack | Nack | Suspect | Alive | Dead | UserMessage

/** What a stream may hold. */
export type StreamMessage = Ping | Ack | PushPull | UserMessage | ErrorMessage
