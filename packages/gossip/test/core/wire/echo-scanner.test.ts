import { ByteReader, ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { EchoScanner } from '../../../src/core/wire/echo-scanner.ts'
import { type MemberUpdate, readUpdate, writeUpdate } from '../../../src/core/wire/member-update.ts'
import { update } from '../fake-context.ts'

function encode(...updates: MemberUpdate[]): Uint8Array {
  const writer = new ByteWriter()
  for (const each of updates) writeUpdate(writer, each, 's')
  return writer.finish()
}

const text = (bytes: Uint8Array, start: number, end: number): string =>
  new TextDecoder().decode(bytes.subarray(start, end))

/** A scanner for which all is an echo, and what it was asked about. */
function believer() {
  const asked: unknown[] = []
  const scanner = new EchoScanner((id, epoch, counter, bytes, start, end) => {
    asked.push([id, epoch, counter, text(bytes, start, end)])
    return true
  })
  return { scanner, asked }
}

describe('the scanner for echoes', () => {
  it('passes over members’ own words, with zones and without', () => {
    const { scanner, asked } = believer()
    const first = update('a', 'alive', { zone: 'eu', incarnation: { epoch: 59_875_200_000, counter: 300 } })
    const bytes = encode(first, update('b'))
    const next = scanner.skip(bytes, 0)
    expect(next).toBe(encode(first).length)
    expect(scanner.skip(bytes, next)).toBe(bytes.length)
    expect(asked).toEqual([
      ['a', 59_875_200_000, 300, 'udp://a'],
      ['b', 7, 0, 'udp://b'],
    ])
  })

  it('leaves alone what is new, and all that is not a word of oneself in plain ASCII', () => {
    const doubter = new EchoScanner(() => false)
    expect(doubter.skip(encode(update('a')), 0)).toBe(-1)
    const { scanner, asked } = believer()
    const others = [
      update('a', 'suspect', { accuser: 's' }),
      update('a', 'left'),
      update('a', 'alive', { accuser: 'b' }),
      update('ä'),
      update('x'.repeat(128)),
    ]
    for (const other of others) expect(scanner.skip(encode(other), 0), other.id).toBe(-1)
    expect(asked).toEqual([])
  })

  it('never passes the end, nor over what does not decode, on 100,000 mutations', () => {
    const random = createRandom('echoes')
    const template = encode(update('node-1', 'alive', { zone: 'eu' }))
    const { scanner } = believer()
    const reader = new ByteReader()
    let passed = 0
    for (let round = 0; round < 100_000; round++) {
      const bytes = template.slice(0, random.integer(1, template.length))
      for (let flips = random.integer(0, 2); flips > 0; flips--) {
        bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      }
      const next = scanner.skip(bytes, 0)
      if (next === -1) continue
      passed++
      if (next > bytes.length) expect.fail(`round ${round}: past the end`)
      reader.reset(bytes)
      // What a reader takes whole ends at the same place.
      if (readUpdate(reader, 's') && bytes.length - reader.remaining !== next) expect.fail(`round ${round}`)
    }
    expect(passed).toBeGreaterThan(1000)
  })
})
