import { fuzzDecoder, fuzzFromEnvironment } from '@colony/testing/fuzz'
import { expect, test } from 'vitest'
import { foundingMembership } from '../../src/core/membership.ts'
import { MESSAGE_CODES } from '../../src/core/message-codec.ts'
import type { AppendRequest, Message } from '../../src/core/message.ts'
import {
  decodeCommandEntry,
  encodeClock,
  encodeCloseSession,
  encodeCommandEntry,
  encodeOpenSession,
  encodeSessionEntry,
} from '../../src/runtime/command-entry.ts'
import {
  decodeFrame,
  encodeDriverMessage,
  encodeMessage,
  type DriverMessage,
} from '../../src/runtime/wire.ts'

const FILE = 'packages/raft/test/runtime/wire.fuzz.test.ts'
const settings = fuzzFromEnvironment({ inputs: 5000 })
const timeout = 20_000 + 5 * settings.inputs

const envelope = { from: 'a', to: 'b', term: 7 } as const
const request = { life: 4_000_000_000, request: 12 } as const
const snapshot = { index: 9000, bytes: 100_000, checksum: 0xdeadbeef }
const heartbeat: AppendRequest = {
  ...envelope,
  type: 'append-request',
  ...{ prevIndex: 9, prevTerm: 3, commit: 8, round: 300, echo: 2 ** 52 + 17, quorumAgeMs: -1, leaseMs: 0 },
  entries: [],
}
const FRAMES: readonly Uint8Array[] = [
  encodeMessage({ ...envelope, type: 'pre-vote-request', lastIndex: 5, lastTerm: 6 }),
  encodeMessage({ ...envelope, type: 'vote-response', granted: true }),
  encodeMessage({ ...envelope, type: 'vote-response', granted: true, incarnation: 39, candidate: 40 }),
  encodeMessage({ ...heartbeat, incarnation: 39 }),
  encodeMessage({ ...envelope, type: 'timeout-now' }),
  encodeMessage({ ...envelope, type: 'priority', priority: 3 }),
  encodeMessage({ ...envelope, type: 'quiet-offer', index: 9, offer: 2 }),
  encodeMessage({ ...envelope, type: 'quiet-answer', offer: 2 }),
  encodeMessage({ ...envelope, type: 'membership-notice', status: 'wiped', index: 9 }),
  encodeMessage(heartbeat),
  encodeMessage({ ...heartbeat, leaseMs: 400 }),
  encodeMessage({
    ...heartbeat,
    entries: [
      { term: 3, kind: 'noop', data: new Uint8Array(0) },
      { term: 5, kind: 'command', data: new Uint8Array(200).fill(7) },
      { term: 7, kind: 'configuration', data: Uint8Array.of(1, 2) },
    ],
  }),
  encodeMessage({
    ...envelope,
    ...{
      type: 'append-response',
      success: true,
      index: 9,
      hintIndex: 0,
      hintTerm: 0,
      round: 1,
      sentAt: 2 ** 50,
      lease: true,
    },
  }),
  encodeDriverMessage({ ...request, type: 'forward', term: 3, oldest: 11, data: Uint8Array.of(1, 2, 3) }),
  encodeDriverMessage({
    ...request,
    ...{ type: 'forward-reply', status: 'key-reused', index: 99, result: Uint8Array.of(9) },
  }),
  encodeDriverMessage({ ...request, type: 'read', lease: false }),
  encodeDriverMessage({ ...request, type: 'read', lease: true }),
  encodeDriverMessage({ ...request, type: 'read-reply', term: 3, index: -1 }),
  encodeDriverMessage({
    ...{ ...request, type: 'members' },
    change: { type: 'set', voters: ['a', 'b'], learners: ['c'], addresses: new Map([['a', 'tcp://a:1']]) },
  }),
  encodeDriverMessage({
    ...{ ...request, type: 'members' },
    change: { type: 'add', id: 'd', role: 'learner', addresses: new Map() },
  }),
  encodeDriverMessage({
    ...{ ...request, type: 'members' },
    change: { type: 'replace', old: 'a', by: 'd', addresses: new Map([['d', 'd']]) },
  }),
  encodeDriverMessage({
    ...{ ...request, type: 'members' },
    change: { type: 'remove', id: 'd', addresses: new Map() },
  }),
  encodeDriverMessage({
    ...{ ...request, type: 'members-reply', status: 'refused', index: 0, term: 0, problem: 'never' },
  }),
  encodeDriverMessage({
    ...{ type: 'snapshot-offer', term: 7, ...snapshot, snapshotTerm: 6 },
    membership: foundingMembership(['a', 'b', 'c']),
  }),
  encodeDriverMessage({
    ...{ type: 'snapshot-chunk', term: 7, ...snapshot },
    ...{ offset: 65_536, data: Uint8Array.of(1, 2, 3) },
  }),
  encodeDriverMessage({ type: 'snapshot-status', term: 7, ...snapshot, status: 'receiving', offset: 65_536 }),
  encodeDriverMessage({ type: 'version', version: 2, asks: 'version' }),
]

function encode(message: Message | DriverMessage): Uint8Array {
  return message.type in MESSAGE_CODES
    ? encodeMessage(message as Message)
    : encodeDriverMessage(message as DriverMessage)
}

test('frames of any bytes', { timeout }, async () => {
  const decode = (bytes: Uint8Array) => decodeFrame(bytes, 'a', 'b')
  const place = { name: 'raft frames', file: FILE, test: 'frames of any bytes' }
  const report = await fuzzDecoder({ ...settings, ...place, corpus: FRAMES, decode, encode, canonical: true })
  expect(report.outcomes).toBeGreaterThan(20)
})

test('command entries of any bytes', { timeout }, async () => {
  const corpus = [
    encodeCommandEntry(Uint8Array.of(1, 2, 3), undefined),
    encodeCommandEntry(new Uint8Array(0), 'key'),
    encodeCommandEntry(new TextEncoder().encode('{"to":"y"}'), 'schlüssel-7'),
    encodeClock(12_345, { keysExpireAfterMs: 1000, sessionsExpireAfterMs: 2000, maxBytes: 4096 }),
    encodeOpenSession(),
    encodeSessionEntry(Uint8Array.of(5), { session: 9, number: 3, oldest: 2 }),
    encodeCloseSession(9),
  ]
  const place = { name: 'raft command entries', file: FILE, test: 'command entries of any bytes' }
  const report = await fuzzDecoder({ ...settings, ...place, corpus, decode: decodeCommandEntry })
  expect(report.outcomes).toBeGreaterThan(5)
})
