/**
 * What happened to the frames of a network, counted.
 * @category Network
 */
export interface NetworkStats {
  /** Frames that `send` accepted. */
  sent: number
  /** Frames that `send` refused: the link was full, the frame too large, the receiver unknown, the sender closed. */
  refused: number
  /** Frames that reached a handler; copies count too. */
  delivered: number
  /** Frames lost by chance. */
  lost: number
  /** Extra copies made by chance. */
  duplicated: number
  /** Frames held back by chance. */
  reordered: number
  /** Old frames that came again by chance. */
  replayed: number
  /** Frames lost to a cut link. */
  cut: number
  /** Frames lost because their receiver was down, or crashed while they were on the way. */
  down: number
  /** Frames that arrived where no transport was open, or none listened to the channel. */
  unheard: number
  /** Bytes that `send` accepted. */
  bytes: number
}

/** All zero. */
export function emptyStats(): NetworkStats {
  return {
    sent: 0,
    refused: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    replayed: 0,
    cut: 0,
    down: 0,
    unheard: 0,
    bytes: 0,
  }
}
