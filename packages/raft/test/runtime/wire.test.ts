import { createRandom, type Random } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/index.ts'
import {
  decodeFrame,
  encodeDriverMessage,
  encodeMessage,
  type DriverMessage,
} from '../../src/runtime/wire.ts'

const envelope = { from: 'a', to: 'b', term: 7 } as const
const MESSAGES: readonly Message[] = [
  { ...envelope, type: 'pre-vote-request', lastIndex: 5, lastTerm: 6 },
  { ...envelope, type: 'pre-vote-response', granted: true },
  { ...envelope, type: 'vote-request', lastIndex: 2 ** 40, lastTerm: 6 },
  { ...envelope, type: 'vote-response', granted: false },
  {
    ...envelope,
    type: 'append-request',
    ...{ prevIndex: 9, prevTerm: 3, commit: 8, round: 300, echo: 2 ** 52 + 17, quorumAgeMs: -1 },
    leaseMs: 0,
    entries: [
      { term: 3, kind: 'noop', data: new Uint8Array(0) },
      { term: 7, kind: 'command', data: Uint8Array.from({ length: 300 }, (_, at) => at & 255) },
    ],
  },
  {
    ...envelope,
    type: 'append-response',
    ...{ success: true, index: 9, hintIndex: 0, hintTerm: 0, round: 1, sentAt: 2 ** 50, lease: false },
  },
  {
    ...envelope,
    type: 'append-request',
    ...{
      prevIndex: 9,
      prevTerm: 3,
      commit: 8,
      round: 300,
      echo: 0,
      quorumAgeMs: 5,
      leaseMs: 400,
      entries: [],
    },
  },
  {
    ...envelope,
    type: 'append-response',
    ...{ success: true, index: 9, hintIndex: 0, hintTerm: 0, round: 1, sentAt: 2 ** 50, lease: true },
  },
]
const request = { life: 4_000_000_000, request: 12 } as const
const DRIVER_MESSAGES: readonly DriverMessage[] = [
  { ...request, type: 'forward', term: 3, oldest: 11, data: Uint8Array.of(1, 2, 3) },
  { ...request, type: 'forward-reply', status: 'applied', index: 99, result: Uint8Array.of(9) },
  { ...request, type: 'forward-reply', status: 'key-reused', index: 0, result: new Uint8Array(0) },
  { ...request, type: 'read', lease: false },
  { ...request, type: 'read', lease: true },
  { ...request, type: 'read-reply', term: 3, index: -1 },
]
const FRAMES = [
  ...MESSAGES.map((message) => encodeMessage(message)),
  ...DRIVER_MESSAGES.map(encodeDriverMessage),
]

describe('frames', () => {
  it('come back as they went', () => {
    for (const message of MESSAGES) {
      const value = { incarnation: 0, ...('granted' in message && { candidate: 0 }), ...message }
      expect(decodeFrame(encodeMessage(message), 'a', 'b')).toEqual({ ok: true, value })
    }
    for (const message of DRIVER_MESSAGES) {
      expect(decodeFrame(encodeDriverMessage(message), 'a', 'b')).toEqual({ ok: true, value: message })
    }
  })

  it('of a batch for several followers are the same as if each were encoded alone', () => {
    const append = MESSAGES.find((message) => message.type === 'append-request' && message.entries.length > 0)
    if (append?.type !== 'append-request') throw new Error('no append with entries')
    const others = [
      { ...append, echo: 900_000 },
      { ...append, entries: [...append.entries] },
    ]
    const heartbeat = { ...append, entries: [] }
    const written = { entries: [], bytes: new Uint8Array(0) }
    for (const message of [append, ...others, heartbeat, append]) {
      const frame = encodeMessage(message, written)
      expect(frame).toEqual(encodeMessage(message))
    }
  })

  it('that are cut short, at any place, are refused', () => {
    for (const frame of FRAMES) {
      for (let length = 0; length < frame.length; length++) {
        expect(decodeFrame(frame.subarray(0, length), 'a', 'b').ok).toBe(false)
      }
    }
  })

  it('of another version are refused', () => {
    for (const frame of FRAMES) {
      const other = Uint8Array.from(frame)
      other[0] = 2
      expect(decodeFrame(other, 'a', 'b').ok).toBe(false)
    }
  })

  it('that ask for a lease of no time are refused: what asks for none has a code of its own', () => {
    const append = MESSAGES.find((message) => message.type === 'append-request' && message.leaseMs > 0)
    if (append?.type !== 'append-request') throw new Error('no append that asks for a lease')
    const frame = Uint8Array.from(encodeMessage({ ...append, leaseMs: 1 }))
    expect(decodeFrame(frame, 'a', 'b').ok).toBe(true)
    // Behind version, code and term.
    frame[3] = 0
    expect(decodeFrame(frame, 'a', 'b').ok).toBe(false)
  })

  it('that name an incarnation before a kind that carries none are refused: a message has one spelling', () => {
    const plain = ['timeout-now', 'wake'] as const
    for (const type of plain) {
      const frame = encodeMessage({ type, from: 'a', to: 'b', term: 7 })
      expect(decodeFrame(frame, 'a', 'b').ok).toBe(true)
      // Behind the version: the mark of an incarnation, and 39 for one.
      const named = Uint8Array.of(frame[0] ?? 0, 16, 39, ...frame.subarray(1))
      expect(decodeFrame(named, 'a', 'b').ok).toBe(false)
    }
  })

  it('of entries out of order are refused', () => {
    const entries = [
      { term: 7, kind: 'noop', data: new Uint8Array(0) },
      { term: 3, kind: 'noop', data: new Uint8Array(0) },
    ] as const
    const append = MESSAGES[4]
    if (append?.type !== 'append-request') throw new Error('not an append')
    expect(decodeFrame(encodeMessage({ ...append, entries }), 'a', 'b').ok).toBe(false)
    expect(decodeFrame(encodeMessage({ ...append, term: 6 }), 'a', 'b').ok).toBe(false)
  })

  it('of any bytes give a message or a typed error', () => {
    for (let seed = 1; seed <= 20_000; seed++) {
      const bytes = mutated(createRandom(seed))
      const result = decodeFrame(bytes, 'a', 'b')
      if (!result.ok) expect(result.error.code, `seed ${seed}`).toBe('HOST_BYTES_MALFORMED')
    }
  })
})

/** A real frame with some bytes changed, cut out, repeated or added. */
function mutated(random: Random): Uint8Array {
  const bytes = [...(FRAMES[random.integer(0, FRAMES.length - 1)] ?? [])]
  for (let i = random.integer(1, 4); i > 0; i--) {
    const at = random.integer(0, bytes.length)
    const kind = random.integer(0, 3)
    if (kind === 0) bytes[at] = random.integer(0, 255)
    else if (kind === 1) bytes.splice(at, random.integer(1, 8))
    else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(0, random.integer(0, 20)))
    else bytes.splice(at, 0, 0xff, 0xff, 0xff, 0x7f)
  }
  return Uint8Array.from(bytes)
}
