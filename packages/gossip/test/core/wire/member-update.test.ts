import { ByteReader, ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { MAX_COUNTER, MAX_EPOCH } from '../../../src/core/members/incarnation.ts'
import type { MemberStatus } from '../../../src/core/members/member.ts'
import {
  LEAST_UPDATE_BYTES,
  type MemberUpdate,
  readUpdate,
  writeUpdate,
} from '../../../src/core/wire/member-update.ts'

function encode(update: MemberUpdate, sender = 's'): Uint8Array {
  const writer = new ByteWriter()
  writeUpdate(writer, update, sender)
  return writer.finish()
}

const alive: MemberUpdate = {
  id: 'node-0001',
  incarnation: { epoch: 59_875_200_000, counter: 3 },
  status: 'alive',
  address: 'udp://10.0.0.1:7946',
  zone: '',
  accuser: 'node-0001',
}

describe('updates', () => {
  it('have known encodings', () => {
    const hex = (update: MemberUpdate): string => Buffer.from(encode(update)).toString('hex')
    const text = (value: string): string => Buffer.from(value).toString('hex')
    const name = `09${text('node-0001')}`
    const incarnation = '8098dc86df0103'
    expect(hex(alive)).toBe(`14${name}${incarnation}13${text('udp://10.0.0.1:7946')}`)
    expect(hex({ ...alive, zone: 'eu' })).toBe(
      `1c${name}${incarnation}13${text('udp://10.0.0.1:7946')}02${text('eu')}`,
    )
    expect(hex({ ...alive, address: '', status: 'suspect', accuser: 's' })).toBe(`21${name}${incarnation}`)
    expect(hex({ ...alive, address: '', status: 'failed', accuser: 'x' })).toBe(
      `02${name}${incarnation}01${text('x')}`,
    )
    expect(hex({ ...alive, address: '', status: 'left' })).toBe(`13${name}${incarnation}`)
  })

  it('are small: an alive is at most 60 bytes, an accusation of the sender 20', () => {
    expect(encode({ ...alive, zone: 'eu-central-1a' }).length).toBeLessThanOrEqual(60)
    expect(encode({ ...alive, status: 'failed', address: '', accuser: 's' }).length).toBeLessThanOrEqual(20)
  })

  it('come back as they were, whatever they say', () => {
    const random = createRandom('updates')
    const statuses: MemberStatus[] = ['alive', 'suspect', 'failed', 'left']
    for (let round = 0; round < 2000; round++) {
      const id = `n${random.integer(0, 99)}`
      const status = statuses[random.integer(0, 3)] ?? 'alive'
      const address = status === 'alive' || random.float() < 0.5 ? `tcp://${id}:1` : ''
      const zone = address !== '' && random.float() < 0.5 ? 'zone-é' : ''
      const accuser = status === 'alive' ? id : (['s', id, 'third'][random.integer(0, 2)] ?? id)
      const incarnation = { epoch: random.integer(0, 2 ** 31) * 256, counter: random.integer(0, MAX_COUNTER) }
      const update = { id, incarnation, status, address, zone, accuser }
      const bytes = encode(update)
      expect(bytes.length).toBeGreaterThanOrEqual(LEAST_UPDATE_BYTES)
      const reader = new ByteReader(bytes)
      expect(readUpdate(reader, 's')).toEqual(update)
      expect(reader.remaining).toBe(0)
    }
  })

  it('are refused when impossible', () => {
    const writer = new ByteWriter()
    const broken: [string, (bytes: Uint8Array) => Uint8Array][] = [
      ['unknown flags', (bytes) => Uint8Array.from([0x80 | (bytes[0] ?? 0), ...bytes.subarray(1)])],
      ['alive without an address', (bytes) => Uint8Array.from([0x10, ...bytes.subarray(1, 18)])],
      ['truncated', (bytes) => bytes.subarray(0, bytes.length - 1)],
      ['an empty id', () => Uint8Array.from([0x13, 0, 1, 1])],
    ]
    for (const [what, breakIt] of broken) {
      const reader = new ByteReader(breakIt(encode(alive)))
      expect(readUpdate(reader, 's'), what).toBeUndefined()
      expect(reader.failed, what).toBe(true)
    }
    const rows: [string, () => void][] = [
      ['an epoch above the largest', () => (writer.varint(MAX_EPOCH + 1), writer.varint(0))],
      ['a counter above the largest', () => (writer.varint(1), writer.varint(MAX_COUNTER + 1))],
    ]
    for (const [what, write] of rows) {
      writer.u8(0x13)
      writer.string('n')
      write()
      expect(readUpdate(new ByteReader(writer.finish()), 's'), what).toBeUndefined()
    }
    const longName = { ...alive, id: 'x'.repeat(256) }
    expect(readUpdate(new ByteReader(encode(longName)), 's')).toBeUndefined()
    const longAddress = { ...alive, address: 'x'.repeat(513) }
    expect(readUpdate(new ByteReader(encode(longAddress)), 's')).toBeUndefined()
  })

  it('never throw on 100,000 mutations', () => {
    const random = createRandom('mutations')
    const template = encode({ ...alive, zone: 'eu', accuser: 'other', status: 'suspect' })
    let taken = 0
    for (let round = 0; round < 100_000; round++) {
      const bytes = template.slice(0, random.integer(1, template.length))
      for (let flips = random.integer(0, 3); flips > 0; flips--) {
        bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      }
      const reader = new ByteReader(bytes)
      const update = readUpdate(reader, 's')
      if ((update === undefined) !== reader.failed) expect.fail(`round ${round}`)
      if (update) taken++
    }
    expect(taken).toBeGreaterThan(1000)
  })
})
