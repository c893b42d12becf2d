import { createRandom, type Random } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { createLabel } from '../../../src/memberlist/wire/label.ts'
import { readPacket } from '../../../src/memberlist/wire/packet.ts'
import { SerfKeyring } from '../../../src/memberlist/node/keyring.ts'
import { StreamReader } from '../../../src/memberlist/wire/stream-reader.ts'
import { decodeSerf, decodeState } from '../../../src/memberlist/serf/serf-reader.ts'
import { passesFilters } from '../../../src/memberlist/serf/filters.ts'
import { decodeTags } from '../../../src/memberlist/serf/tags.ts'
import { LIMITS, messagesOf, streamOf } from './collect.ts'
import { RECORDED, RECORDED_KEY } from './recorded.ts'

const CASES = 100_000

/** Changes bits and bytes, cuts off, doubles, joins. */
function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes.slice()
  const changes = random.integer(1, 4)
  for (let change = 0; change < changes; change++) {
    const at = random.integer(0, Math.max(0, mutated.length - 1))
    switch (random.integer(0, 5)) {
      case 0:
        mutated[at] = (mutated[at] ?? 0) ^ (1 << random.integer(0, 7))
        break
      case 1:
        mutated[at] = random.integer(0, 255)
        break
      case 2:
        mutated = mutated.slice(0, at)
        break
      case 3:
        mutated.fill(0xff, at, at + random.integer(1, 8))
        break
      case 4:
        mutated = Uint8Array.of(
          ...mutated.subarray(0, at),
          ...other.subarray(random.integer(0, other.length - 1)),
        )
        break
      default:
        mutated = Uint8Array.of(...mutated.subarray(0, at), ...mutated.subarray(Math.max(0, at - 40)))
    }
  }
  return mutated
}

/** Datagrams without the check sum, which would refuse nearly everything before it is looked at. */
const PACKETS = Object.values(RECORDED).map((bytes) => (bytes[0] === 0x0c ? bytes.subarray(5) : bytes))

describe('bytes that anybody may have sent', () => {
  it(`gives a value or a refusal for ${CASES} mutated packets and streams, never an exception`, () => {
    const random = createRandom('fuzz')
    const keys = new SerfKeyring([RECORDED_KEY])
    const outcomes = new Map<string, number>()
    const note = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    for (let index = 0; index < CASES; index++) {
      const bytes = PACKETS[random.integer(0, PACKETS.length - 1)] ?? PACKETS[0]!
      const other = PACKETS[random.integer(0, PACKETS.length - 1)] ?? PACKETS[0]!
      const mutated = mutate(bytes, other, random)
      if (index % 4 === 3) {
        const options = index % 8 === 7 ? { keys } : {}
        const result = streamOf(mutated, { ...options, chunk: random.integer(50, 3000) })
        note(typeof result === 'string' ? result : result.type)
      } else {
        readPacket(mutated, {
          message: (message) => {
            note(message.type)
            if (message.type === 'alive') decodeTags(message.meta)
            if (message.type === 'user') note(`serf ${decodeSerf(message.bytes)?.type ?? 'refused'}`)
          },
          problem: note,
        })
      }
    }
    // The mutations reach every layer: none is refused by the first look at it.
    for (const outcome of [
      ...[
        'ping',
        'indirectPing',
        'ack',
        'nack',
        'alive',
        'suspect',
        'user',
        'pushPull',
        'more',
        'not-opened',
      ],
      ...['malformed', 'truncated', 'bad-compound', 'bad-compression', 'encrypted', 'not-encrypted'],
      ...['serf join', 'serf leave', 'serf event', 'serf query', 'serf refused'],
    ]) {
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(10)
    }
  }, 60_000)

  it('gives a value or a refusal for mutated states and filters of Serf', () => {
    const random = createRandom('serf-fuzz')
    const state = streamOf(RECORDED.pushPull)
    const userState =
      typeof state === 'object' && state.type === 'pushPull' ? state.userState : new Uint8Array(0)
    expect(decodeState(userState)).toBeDefined()
    let decoded = 0
    for (let index = 0; index < 20_000; index++) {
      if (decodeState(mutate(userState, userState, random)) !== undefined) decoded++
    }
    expect(decoded).toBeGreaterThan(100)
    const { messages } = messagesOf(RECORDED.queryAndEvent)
    const [user] = messages
    const query = user?.type === 'user' ? decodeSerf(user.bytes) : undefined
    const filter = query?.type === 'query' ? query.filters[0] : undefined
    if (filter === undefined) throw new Error('the recorded query has a filter')
    expect(passesFilters([filter], 'x', { role: 'web' })).toBe(true)
    for (let index = 0; index < 20_000; index++) {
      passesFilters([mutate(filter, filter, random)], 'x', { role: 'web' })
    }
  }, 60_000)

  it('does work in proportion to the bytes, however small the pieces', () => {
    const big = new Uint8Array(LIMITS.maxBytes)
    // A map that names more values than any message has, cut into single bytes: refused at the first of them, which is no name.
    big.set([6, 0xdf, 0x00, 0x06, 0x1a, 0x80])
    const reader = new StreamReader(LIMITS, createLabel(''), false)
    let pushed = 0
    let result: unknown = 'more'
    while (result === 'more' && pushed < big.length) result = reader.push(big.subarray(pushed, ++pushed))
    expect(result).toBe('malformed')
    expect(streamOf(new Uint8Array(LIMITS.maxBytes + 10_000).fill(6), { chunk: 60_000 })).not.toBe('more')
  })
})
