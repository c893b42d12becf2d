import { ByteWriter } from '@colony/host'

/**
 * Where messages are written, one after the other: each is begun and finished without anything else in between, so one writer is enough for all parts, of all cores of a process. A writer
 * each would keep 16 KiB for every one of them.
 *
 * What is finished is a view of a larger buffer: whoever keeps it for more than a few seconds keeps a copy.
 */
export const SCRATCH: ByteWriter = new ByteWriter()

/** A second one, for an item that is measured before it is put into the message. */
export const SCRATCH_ITEM: ByteWriter = new ByteWriter()
