/**
 * Why a connection was refused before any frame passed.
 *
 * - `bad-magic`: the first bytes are not colony's (a port scan, a browser, TLS on a plain port).
 * - `malformed-hello`: right magic, unreadable introduction.
 * - `wrong-version`: another protocol version.
 * - `wrong-cluster`: a node of another cluster.
 * - `wrong-id`: the node that answered is not the one dialled, or the one that came in bears our own id.
 * - `wrong-certificate`: the certificate does not name the node that presents it.
 * - `tls-failed`: no TLS where it is required, or a certificate that the CA did not sign.
 * - `timeout`: the handshake was not finished within `handshakeTimeoutMs`.
 * - `too-many-connections`: `maxConnections` are open already.
 * - `hung-up`: the other side closed in the middle of the handshake.
 * - `refused-by-peer`: the node that was dialled refused us; the event's `detail` says why.
 * @category Transport
 */
export type RefusalReason =
  | 'bad-magic'
  | 'malformed-hello'
  | 'wrong-version'
  | 'wrong-cluster'
  | 'wrong-id'
  | 'wrong-certificate'
  | 'tls-failed'
  | 'timeout'
  | 'too-many-connections'
  | 'hung-up'
  | 'refused-by-peer'

/** Every reason. Its index plus one is its number on the wire, so the order never changes and additions go to the end. */
export const REFUSAL_REASONS: readonly RefusalReason[] = [
  'bad-magic',
  'malformed-hello',
  'wrong-version',
  'wrong-cluster',
  'wrong-id',
  'wrong-certificate',
  'tls-failed',
  'timeout',
  'too-many-connections',
  'hung-up',
  'refused-by-peer',
]

/** A refusal, with what an operator wants to know about it. */
export interface Refusal {
  readonly reason: RefusalReason
  readonly detail: string
  /** Part of normal life: nothing for an operator to look at. */
  readonly expected?: true
}

/**
 * Why a connection that had been accepted was closed.
 *
 * - `goodbye`: the other side is closing down and said so.
 * - `ended`: the other side closed without a word (it crashed, or was killed).
 * - `failed`: the operating system reported an error, such as `ECONNRESET`.
 * - `idle`: nothing was heard for `idleTimeoutMs`: a half-open connection.
 * - `superseded`: the same node has connected anew.
 * - `unused`: nothing was sent for `lingerMs`.
 * - `oversized-frame`: a frame above `maxFrameBytes` was announced.
 * - `malformed-frame`: bytes that are no frame.
 * - `closed`: this transport was closed.
 * @category Transport
 */
export type CloseReason =
  | 'goodbye'
  | 'ended'
  | 'failed'
  | 'idle'
  | 'superseded'
  | 'unused'
  | 'oversized-frame'
  | 'malformed-frame'
  | 'closed'

/** Every reason, for counting. */
export const CLOSE_REASONS: readonly CloseReason[] = [
  'goodbye',
  'ended',
  'failed',
  'idle',
  'superseded',
  'unused',
  'oversized-frame',
  'malformed-frame',
  'closed',
]
