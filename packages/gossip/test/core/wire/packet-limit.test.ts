import { ByteWriter, createRandom } from '@colony/host'
import { expect, it } from 'vitest'
import { GossipCore } from '../../../src/core/gossip-core.ts'
import type { CoreInput } from '../../../src/core/input.ts'
import { writeJoin } from '../../../src/core/life/join-message.ts'
import { timingOf } from '../../../src/core/profiles.ts'
import { writeUpdate } from '../../../src/core/wire/member-update.ts'
import { PacketComposer } from '../../../src/core/wire/packet-composer.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { update } from '../fake-context.ts'

const MEMBERS = 10_000
const PACKET_BYTES = 1200

it('no datagram is larger than the limit with 10,000 members, whatever is said', () => {
  const core = new GossipCore(
    {
      id: 'self',
      address: 'udp://self',
      cluster: 'c',
      epoch: 5,
      random: createRandom('limit'),
      timing: timingOf('lan'),
      packetBytes: PACKET_BYTES,
    },
    0,
  )
  const sizes = new Map<string, number>()
  let now = 0
  const step = (input: CoreInput): void => {
    const { sends } = core.step(now, input)
    for (const { bytes, path } of sends) {
      if (path === 'datagram') sizes.set('largest', Math.max(sizes.get('largest') ?? 0, bytes.length))
      sizes.set(path, (sizes.get(path) ?? 0) + 1)
    }
  }
  const composer = new PacketComposer({
    cluster: 'c',
    packetBytes: 60_000,
    streamBytes: 1 << 20,
    classes: [],
  })
  const tell = (from: string, tag: number, body: Uint8Array): void => {
    const bytes = composer.compose('self', tag, body, 'stream')
    if (bytes) step({ type: 'packet', from, bytes, path: 'stream' })
  }
  const writer = new ByteWriter()
  for (let index = 0; index < MEMBERS; index++) {
    writeUpdate(writer, update(`member-${index}`), 'teller')
    if (index % 1000 === 999) tell('member-0', TAGS.updates, writer.finish())
  }
  expect(core.members.size).toBe(MEMBERS + 1)
  for (let index = 0; index < 200; index++) {
    step({ type: 'set', key: `key-${index}`, value: new Uint8Array(200) })
    step({ type: 'share', key: `key-${index}`, value: new Uint8Array(200) })
    step({ type: 'broadcast', id: index, topic: 'topic', payload: new Uint8Array(index * 5) })
    step({
      type: 'query',
      question: index,
      topic: 'topic',
      payload: new Uint8Array(index * 5),
      timeoutMs: 5000,
    })
  }
  writeJoin(writer, { token: 1, sender: update('newcomer'), accusation: undefined })
  tell('newcomer', TAGS.join, writer.finish())
  for (; now < 20_000; now += 100) while (core.deadline <= now) step({ type: 'tick' })
  // Full packets, but none above.
  expect(sizes.get('largest')).toBeGreaterThan(PACKET_BYTES - 20)
  expect(sizes.get('largest')).toBeLessThanOrEqual(PACKET_BYTES)
  expect(sizes.get('datagram')).toBeGreaterThan(200)
})
