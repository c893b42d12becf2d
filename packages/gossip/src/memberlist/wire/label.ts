import { MESSAGE_TYPES } from './messages.ts'
import { utf8 } from './text.ts'

/** The length is one byte. */
export const MAX_LABEL_BYTES = 255

const EMPTY = new Uint8Array(0)

/** A cluster's label, which keeps two clusters apart that reach each other: `F4`, its length, itself, in front of every packet and of what a dialler says first. */
export interface Label {
  /** The label itself: what encryption authenticates with each message. Empty for a cluster without one. */
  readonly bytes: Uint8Array
  /** What goes in front; empty for a cluster without one. */
  readonly header: Uint8Array
}

/** A label of up to {@link MAX_LABEL_BYTES} bytes of UTF-8; `''` is none. */
export function createLabel(text: string): Label {
  const bytes = utf8(text)
  if (bytes.length === 0) return { bytes: EMPTY, header: EMPTY }
  return { bytes, header: Uint8Array.of(MESSAGE_TYPES.label, bytes.length, ...bytes) }
}

/** What {@link checkLabel} found: where the rest begins, that more bytes are needed to know, or that the label is not ours. */
export type LabelCheck = number | 'short' | 'wrong-label'

/**
 * Checks the label in front of a packet or a stream. A cluster with a label takes nothing without it, and one without takes nothing with any: whether
 * a first byte of `F4` could be something else is not a question, since neither a message nor a version of encryption begins with it.
 */
export function checkLabel(label: Label, bytes: Uint8Array): LabelCheck {
  if (bytes.length === 0) return 'short'
  if (label.header.length === 0) return bytes[0] === MESSAGE_TYPES.label ? 'wrong-label' : 0
  const seen = Math.min(bytes.length, label.header.length)
  for (let at = 0; at < seen; at++) if (bytes[at] !== label.header[at]) return 'wrong-label'
  return seen < label.header.length ? 'short' : seen
}
