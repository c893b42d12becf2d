import { ByteReader, ByteWriter } from '@colony/host'
import { expect, test } from 'vitest'
import { readMessage } from '../../src/core/message-codec.ts'
import { decodeMembership, encodeMembership, foundingMembership } from '../../src/core/membership.ts'
import { decodeGroupRecord } from '../../src/storage/groups/group-record.ts'

/** Formats and codes that a version with witnesses (members that vote and hold no data) would use. */
const LATER_MEMBERSHIP_FORMATS: readonly number[] = [0, 9, 255]
const LATER_MESSAGES: readonly number[] = [27, 28, 29, 30, 31]
const WITNESS_RECORD = 4

test('a membership with roles that this version does not know is refused as a whole, and never read without them', () => {
  const bytes = encodeMembership(foundingMembership(['a', 'b', 'c']))
  expect(decodeMembership(bytes)?.voters).toEqual(['a', 'b', 'c'])
  for (const format of LATER_MEMBERSHIP_FORMATS) {
    const later = Uint8Array.from(bytes)
    later[0] = format
    expect(decodeMembership(later)).toBeUndefined()
  }
  // Nor is a list behind those that are known passed over.
  expect(decodeMembership(Uint8Array.from([...bytes, 1, 1, 119]))).toBeUndefined()
})

test('a message of a role that this version does not know fails its reader, and nothing is thrown', () => {
  for (const code of LATER_MESSAGES) {
    const writer = new ByteWriter()
    writer.varint(3)
    writer.varint(7)
    const reader = new ByteReader(writer.finish())
    readMessage(reader, code, 'b', 'a')
    expect(reader.failed).toBe(true)
    expect(reader.reason).toContain(`unknown message code ${code}`)
  }
})

test('a record of a witness in the shared log is left alone for a version that knows it', () => {
  expect(decodeGroupRecord(Uint8Array.from([WITNESS_RECORD, 1, 1, 0, 0, 0]))).toEqual({
    problem: 'record type 4 is unknown to this version',
    newer: true,
  })
})
