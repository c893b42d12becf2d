/** Bytes of a number, at the start of every frame that is large enough. */
const NUMBER_BYTES = 4

/** A frame that no other number gives, `size` bytes long (at least 4), with bytes of every value in it when it is large. */
export function testFrame(number: number, size = 16): Uint8Array {
  const frame = new Uint8Array(size)
  for (let at = 0; at < size; at++) frame[at] = (number * 31 + at * 7 + (at >>> 8)) & 0xff
  new DataView(frame.buffer).setUint32(0, number)
  return frame
}

/** So many frames, numbered from `first` on. */
export function testFrames(count: number, first = 0, size = 16): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => testFrame(first + index, size))
}

/** The number of a frame of {@link testFrame}; -1 for anything too short to be one. */
export function numberOf(frame: Uint8Array): number {
  if (frame.length < NUMBER_BYTES) return -1
  return new DataView(frame.buffer, frame.byteOffset, frame.length).getUint32(0)
}
