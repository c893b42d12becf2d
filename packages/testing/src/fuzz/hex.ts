import { TestingError } from '../errors.ts'

/**
 * Bytes as hexadecimal digits, two for each.
 * @category Fuzzing
 */
export function formatHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/**
 * The bytes of what {@link formatHex} wrote.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for any other text.
 * @category Fuzzing
 */
export function parseHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) {
    throw new TestingError('TESTING_INVALID_OPTION', 'bytes are written as pairs of hexadecimal digits')
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    Number.parseInt(text.slice(at * 2, at * 2 + 2), 16),
  )
}
