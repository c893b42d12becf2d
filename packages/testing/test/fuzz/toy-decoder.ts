import { ByteReader, ByteWriter, decodeWith, type Decoded } from '@colony/host'

/** `u8 version | varint count | items: varint length, bytes`. */
export interface Toy {
  readonly version: number
  readonly items: readonly Uint8Array[]
}

const TOYS: readonly Toy[] = [
  { version: 1, items: [] },
  { version: 1, items: [Uint8Array.of(1, 2, 3)] },
  { version: 2, items: [new Uint8Array(200).fill(7), new Uint8Array(0), Uint8Array.of(0xff)] },
]

export function encodeToy({ version, items }: Toy): Uint8Array {
  const writer = new ByteWriter()
  writer.u8(version)
  writer.varint(items.length)
  for (const item of items) writer.bytes(item)
  return writer.finish()
}

/** Without a fault. */
export function decodeToy(bytes: Uint8Array): Decoded<Toy> {
  return decodeWith(new ByteReader(), bytes, (reader) => {
    const version = reader.u8()
    if (version < 1 || version > 2) reader.fail('unknown version')
    const count = reader.count(1000, 1)
    const items: Uint8Array[] = []
    for (let nth = 0; nth < count && !reader.failed; nth++) items.push(reader.bytes())
    return { version, items }
  })
}

export const TOY_CORPUS: readonly Uint8Array[] = TOYS.map(encodeToy)

/** A cursor without bounds, as careless decoders have them. */
export class CarelessCursor {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new RangeError('read beyond the end')
    return byte
  }

  /** As a safe reader: `undefined` when there is no such byte. */
  varint(): number | undefined {
    let value = 0
    for (let scale = 1; scale < 2 ** 50; scale *= 128) {
      const byte = this.#bytes[this.at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    return undefined
  }

  take(length: number): Uint8Array | undefined {
    if (length > this.left) return undefined
    this.at += length
    return this.#bytes.slice(this.at - length, this.at)
  }
}
