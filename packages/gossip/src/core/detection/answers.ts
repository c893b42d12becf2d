import type { ByteReader, NodeId } from '@colony/host'
import type { CoreContext, Section } from '../component.ts'
import { TAGS } from '../wire/tags.ts'
import type { Detector } from './detector.ts'
import { readAck, readNack } from './probe-messages.ts'
import type { Relays } from './relays.ts'

/** Gives acknowledgements to whoever waits for them: this node's own probe, or that of somebody it helps. */
export function ackSection(context: CoreContext, relays: Relays, detector: Detector): Section {
  return directSection(TAGS.ack, (reader, from) => {
    const ack = readAck(reader)
    if (reader.failed) context.drop('malformed-ack')
    else if (ack.byHelper || !relays.acked(ack.sequence, from)) detector.acked(ack, from)
  })
}

/** Gives the detector the words of helpers that got no answer. */
export function nackSection(context: CoreContext, detector: Detector): Section {
  return directSection(TAGS.nack, (reader, from) => {
    const sequence = readNack(reader)
    if (reader.failed) context.drop('malformed-nack')
    else detector.nacked(sequence, from)
  })
}

/** What goes to one member each; gossip carries none. */
function directSection(tag: number, read: (reader: ByteReader, from: NodeId) => void): Section {
  return { tag, backlog: 0, write: () => 0, read }
}
