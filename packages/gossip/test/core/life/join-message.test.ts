import { ByteReader, ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { encodeWelcome, readJoin, readWelcome, writeJoin } from '../../../src/core/life/join-message.ts'
import { update } from '../fake-context.ts'

const join = { token: 3, sender: update('b'), accusation: update('a', 'failed', { accuser: 'b' }) }

function joinBytes(message: Parameters<typeof writeJoin>[1]): Uint8Array {
  const writer = new ByteWriter()
  writeJoin(writer, message)
  return writer.finish()
}

function welcomeBytes(count: number, budget: number): Uint8Array {
  const members = ['a', ...Array.from({ length: count }, (_, index) => `member-${index}`)].map((id) =>
    update(id),
  )
  return encodeWelcome({ token: 3, members }, budget)
}

describe('join messages', () => {
  it('come back as they were', () => {
    expect(readJoin(new ByteReader(joinBytes(join)), 'b', 'a')).toEqual(join)
    const plain = { ...join, accusation: undefined }
    expect(readJoin(new ByteReader(joinBytes(plain)), 'b', 'a')).toEqual(plain)
  })

  it('have a known encoding', () => {
    const hex = Buffer.from(joinBytes(join)).toString('hex')
    // Token; alive by itself with an address, id, epoch, counter, address; failed by the sender, id, epoch, counter.
    expect(hex).toBe(`03${'14016207000775'}64703a2f2f62${'2201610700'}`)
  })

  it('speak for the sender alone, and accuse nobody but the receiver', () => {
    expect(readJoin(new ByteReader(joinBytes(join)), 'c', 'a')).toBeUndefined()
    expect(readJoin(new ByteReader(joinBytes(join)), 'b', 'x')).toBeUndefined()
    const left = { ...join, sender: update('b', 'left', { address: 'udp://b' }) }
    expect(readJoin(new ByteReader(joinBytes(left)), 'b', 'a')).toBeUndefined()
  })

  it('never throw on 50,000 mutations', () => {
    const random = createRandom('joins')
    const templates = [joinBytes(join), welcomeBytes(3, 500)] as const
    let taken = 0
    for (let round = 0; round < 50_000; round++) {
      const template = templates[round % 2] as Uint8Array
      const bytes = template.slice(0, random.integer(1, template.length))
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      if (readJoin(new ByteReader(bytes), 'b', 'a')) taken++
      if (readWelcome(new ByteReader(bytes), 'a')) taken++
    }
    expect(taken).toBeGreaterThan(50)
  })
})

describe('welcomes', () => {
  it('name as many members as fit, the sender first', () => {
    const all = readWelcome(new ByteReader(welcomeBytes(5, 1000)), 'a')
    expect(all?.members.map(({ id }) => id)).toEqual([
      'a',
      'member-0',
      'member-1',
      'member-2',
      'member-3',
      'member-4',
    ])
    const bytes = welcomeBytes(200, 1000)
    expect(bytes.length).toBeLessThanOrEqual(1000)
    expect(bytes.length).toBeGreaterThan(950)
    expect(readWelcome(new ByteReader(bytes), 'a')?.token).toBe(3)
  })

  it('are by the sender, or nobody’s', () => {
    expect(readWelcome(new ByteReader(welcomeBytes(5, 1000)), 'b')).toBeUndefined()
    expect(readWelcome(new ByteReader(Uint8Array.from([3])), 'a')).toBeUndefined()
  })
})
