/**
 * Tags of sections. Only append: an older node skips what it does not know, and a number that was used once never means something else.
 */
export const TAGS = {
  /** A probe: sequence number, and which life of the target is meant. */
  ping: 1,
  /** The answer to a probe, direct or through a helper. */
  ack: 2,
  /** Asks a helper to probe somebody. */
  pingRequest: 3,
  /** A helper's word that it got no answer either. */
  nack: 4,
  /** News of members. */
  updates: 5,
  /** Entries of members' versioned state. */
  deltas: 6,
  /** Messages for everybody. */
  broadcasts: 7,
  /** Says which broadcasts have arrived. */
  receipts: 8,
  /** Questions to all or some. */
  queries: 9,
  /** Answers to them. */
  answers: 10,
  /** Shared last-writer-wins values. */
  shared: 11,
  /** A hash of all that the sender knows, so that equals need not compare more. */
  summary: 12,
  /** What the sender knows of members and state, in part. */
  digest: 13,
  /** What a digest showed to be missing, as one of several chunks. */
  chunk: 14,
  /** Asks to be let in, with who and where the sender is. */
  join: 15,
  /** The answer: who answers, and some members. */
  welcome: 16,
  /** A goodbye that wants to be acknowledged. */
  leave: 17,
  /** Acknowledges it. */
  leaveAck: 18,
  /** Round-trip and zone of the sender, where they changed. */
  reserved: 244,
} as const
