import { ENTRY_OVERHEAD_BYTES } from '../core/log.ts'

/** Where a chunk of proposals ends that begins at `from`: at least one, else no more than fit. */
export function endOfChunk(
  proposals: readonly { readonly data: Uint8Array }[],
  from: number,
  maxBytes: number,
): number {
  let bytes = 0
  for (let at = from; at < proposals.length; at++) {
    bytes += (proposals[at]?.data.length ?? 0) + ENTRY_OVERHEAD_BYTES
    if (bytes > maxBytes && at > from) return at
  }
  return proposals.length
}
