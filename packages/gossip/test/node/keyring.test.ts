import { createRandom } from '@colony/host'
import { fuzzDecoder } from '@colony/testing/fuzz'
import { beforeEach, describe, expect, it } from 'vitest'
import { GossipError } from '../../src/errors.ts'
import { createKeyring, type RotatingKeyring } from '../../src/node/index.ts'
import type { FrameSealer } from '../../src/runtime/keyring.ts'

const [K1, K2, K3] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const PACKET = Uint8Array.from({ length: 40 }, (_, at) => at)

let nowMs = 0

beforeEach(() => {
  nowMs = 0
})

function ring(...keys: (Uint8Array | string)[]): RotatingKeyring {
  return createKeyring({ keys, now: () => nowMs })
}

interface Node {
  readonly keyring: RotatingKeyring
  readonly seal: FrameSealer
}

function node(id: string, keys: readonly Uint8Array[] = [K1], epoch = 1000, cluster = 'test'): Node {
  const keyring = ring(...keys)
  return { keyring, seal: keyring.bind(cluster, id, epoch) }
}

describe('a sealed frame', () => {
  it('is opened by its receiver, as it was, and is 32 bytes longer', () => {
    const [a, b] = [node('a'), node('b')]
    for (const packet of [PACKET, new Uint8Array(0), new Uint8Array(100_000).fill(7)]) {
      const frame = a.seal.seal(packet, 'b')
      expect(frame.length).toBe(packet.length + 32)
      expect(a.seal.overheadBytes).toBe(32)
      expect(b.seal.open(frame, 'a')).toEqual(packet)
    }
    expect(a.keyring.stats()).toMatchObject({ sealed: 3, opened: 0 })
    expect(b.keyring.stats()).toMatchObject({ opened: 3, senders: 1 })
  })

  it('shows nothing of what is in it, and differs each time', () => {
    const { seal } = node('a')
    const frames = [seal.seal(PACKET, 'b'), seal.seal(PACKET, 'b')].map((frame) => Buffer.from(frame))
    for (const frame of frames) expect(frame.includes(Buffer.from(PACKET.subarray(0, 8)))).toBe(false)
    expect(frames[0]?.equals(frames[1] ?? Buffer.alloc(0))).toBe(false)
    // Key and start are the same, the counter and what follows are not.
    expect(frames[0]?.subarray(0, 12).equals(frames[1]?.subarray(0, 12) ?? Buffer.alloc(0))).toBe(true)
  })

  it('is for one receiver, or, where none is named, for whoever has a key', () => {
    const [a, b, c] = [node('a'), node('b'), node('c')]
    expect(c.seal.open(a.seal.seal(PACKET, 'b'), 'a')).toBeUndefined()
    const frame = a.seal.seal(PACKET)
    expect([b.seal.open(frame, 'a'), c.seal.open(frame, 'a')]).toEqual([PACKET, PACKET])
    const forOne = a.seal.seal(PACKET, 'b')
    forOne[0] = 0xc2
    expect(b.seal.open(forOne, 'a')).toBeUndefined()
    expect([b, c].map(({ keyring }) => keyring.stats().forged)).toEqual([1, 1])
  })

  it('is of its sender and its cluster', () => {
    const [a, b] = [node('a'), node('b')]
    expect(b.seal.open(a.seal.seal(PACKET, 'b'), 'c')).toBeUndefined()
    const stranger = node('a', [K1], 1000, 'other')
    expect(b.seal.open(stranger.seal.seal(PACKET, 'b'), 'a')).toBeUndefined()
    // Names that run into each other are kept apart.
    const [odd, even] = [node('x', [K1], 1, 'ab'), node('b', [K1], 1, 'a')]
    expect(even.seal.open(odd.seal.seal(PACKET, 'b'), 'bx')).toBeUndefined()
    expect(b.keyring.stats()).toMatchObject({ forged: 2, opened: 0, senders: 0 })
  })

  it('that was altered anywhere does not open', () => {
    const [a, b] = [node('a'), node('b')]
    const frame = a.seal.seal(PACKET, 'b')
    for (let at = 0; at < frame.length; at++) {
      const altered = frame.slice()
      altered[at] = (altered[at] ?? 0) ^ 0x10
      expect(b.seal.open(altered, 'a')).toBeUndefined()
    }
    for (let length = 0; length < frame.length; length++) {
      expect(b.seal.open(frame.subarray(0, length), 'a')).toBeUndefined()
    }
    const { foreign, unknownKey, forged, opened } = b.keyring.stats()
    expect([foreign + unknownKey + forged, opened]).toEqual([frame.length * 2, 0])
    expect(b.seal.open(frame, 'a')).toEqual(PACKET)
  })

  it('may be a view, and what comes out is an array of its own', () => {
    const [a, b] = [node('a'), node('b')]
    const around = new Uint8Array(200)
    around.set(a.seal.seal(PACKET, 'b'), 50)
    const packet = b.seal.open(around.subarray(50, 50 + 72), 'a')
    around.fill(0)
    expect(packet).toEqual(PACKET)
    expect(Object.getPrototypeOf(packet)).toBe(Uint8Array.prototype)
  })
})

describe('whatever is not sealed', () => {
  it('never throws, and never opens', async () => {
    const a = node('a')
    const corpus = [PACKET, new Uint8Array(0)].map((packet) => a.seal.seal(packet, 'b'))
    await fuzzDecoder<Uint8Array>({
      name: 'sealed frames',
      corpus,
      inputs: 3000,
      decode: (bytes) => {
        const packet = node('b').seal.open(bytes, 'a')
        const isReal = corpus.some((frame) => Buffer.from(frame).equals(bytes))
        if (packet !== undefined && !isReal) throw new Error('a frame that nobody has sealed was opened')
        return packet
      },
    })
  })

  it('is turned away by a look where it can be: plain, of another key, come before', () => {
    const [a, b] = [node('a'), node('b')]
    b.seal.open(PACKET, 'a')
    b.seal.open(node('a', [K2]).seal.seal(PACKET, 'b'), 'a')
    const frame = a.seal.seal(PACKET, 'b')
    b.seal.open(frame, 'a')
    b.seal.open(frame, 'a')
    expect(b.keyring.stats()).toMatchObject({ foreign: 1, unknownKey: 1, replayed: 1, forged: 0, opened: 1 })
  })
})

describe('replay', () => {
  it('of any frame is refused, in any order of arrival', () => {
    const [a, b] = [node('a'), node('b')]
    const random = createRandom(1)
    const frames = Array.from({ length: 600 }, () => a.seal.seal(PACKET, 'b'))
    const shuffled = [...frames].sort(() => random.float() - 0.5)
    expect(shuffled.filter((frame) => b.seal.open(frame, 'a') !== undefined).length).toBe(600)
    expect(frames.filter((frame) => b.seal.open(frame, 'a') !== undefined).length).toBe(0)
  })

  it('is looked for among the last 992 of a sender; what is older is refused', () => {
    const [a, b] = [node('a'), node('b')]
    const frames = Array.from({ length: 994 }, () => a.seal.seal(PACKET, 'b'))
    const at = (index: number): Uint8Array => frames[index] ?? PACKET
    expect(b.seal.open(at(993), 'a')).toEqual(PACKET)
    expect(b.seal.open(at(2), 'a')).toEqual(PACKET)
    expect(b.seal.open(at(1), 'a')).toBeUndefined()
  })

  it('of an earlier life is refused, a sender that restarts is accepted at once', () => {
    const b = node('b')
    const [first, second] = [node('a', [K1], 1000), node('a', [K1], 1001)]
    const [old, older] = [first.seal.seal(PACKET, 'b'), first.seal.seal(PACKET, 'b')]
    expect(b.seal.open(old, 'a')).toEqual(PACKET)
    expect(b.seal.open(second.seal.seal(PACKET, 'b'), 'a')).toEqual(PACKET)
    expect([b.seal.open(old, 'a'), b.seal.open(older, 'a')]).toEqual([undefined, undefined])
    expect(b.keyring.stats().replayed).toBe(2)
  })

  it('lets a sender whose clock was set back in again when it was silent for a while, and forgets nothing of its latest life', () => {
    const b = node('b')
    const [late, early] = [node('a', [K1], 2000), node('a', [K1], 1000)]
    const fromLate = late.seal.seal(PACKET, 'b')
    b.seal.open(fromLate, 'a')
    nowMs = 60_000
    expect(b.seal.open(early.seal.seal(PACKET, 'b'), 'a')).toBeUndefined()
    nowMs = 60_001
    expect(b.seal.open(early.seal.seal(PACKET, 'b'), 'a')).toEqual(PACKET)
    expect(b.seal.open(early.seal.seal(PACKET, 'b'), 'a')).toEqual(PACKET)
    // Back to the later life by a replay: no.
    expect(b.seal.open(fromLate, 'a')).toBeUndefined()
    expect(b.seal.open(late.seal.seal(PACKET, 'b'), 'a')).toEqual(PACKET)
    nowMs = 200_000
    expect(b.seal.open(fromLate, 'a')).toBeUndefined()
  })

  it('remembers a bounded number of senders', () => {
    const b = node('b')
    const keyring = ring(K1)
    for (let id = 0; id < 16_385; id++) {
      expect(b.seal.open(keyring.bind('test', `a${id}`, 1).seal(PACKET, 'b'), `a${id}`)).toBeDefined()
    }
    expect(b.keyring.stats().senders).toBe(16_384)
  })

  it('is not made possible by what nobody with a key has sent', () => {
    const [a, b] = [node('a'), node('b')]
    const forged = a.seal.seal(PACKET, 'b')
    // A later start, as it claims: the real one must not be taken for a replay then.
    forged[4] = 0xff
    expect(b.seal.open(forged, 'a')).toBeUndefined()
    expect(b.seal.open(a.seal.seal(PACKET, 'b'), 'a')).toEqual(PACKET)
  })
})

describe('rotation', () => {
  it('add, use, remove on one node after the other loses no message', () => {
    const nodes = ['a', 'b', 'c'].map((id) => ({ id, ...node(id) }))
    const lost: string[] = []
    let sent = 0
    const talk = (): void => {
      for (const from of nodes) {
        for (const to of nodes) {
          if (from === to) continue
          sent += 1
          const frame = from.seal.seal(PACKET, to.id)
          if (to.seal.open(frame, from.id) === undefined) lost.push(`${from.id} to ${to.id}`)
        }
      }
    }
    const steps: ((keyring: RotatingKeyring) => void)[] = [
      (keyring) => keyring.add(K2),
      (keyring) => keyring.use(K2),
      (keyring) => keyring.remove(K1),
    ]
    for (const step of steps) {
      for (const { keyring } of nodes) {
        step(keyring)
        talk()
      }
    }
    expect([sent, lost]).toEqual([54, []])
    const outsider = node('a', [K1], 9999)
    const [, b] = nodes
    expect(b?.seal.open(outsider.seal.seal(PACKET, 'b'), 'a')).toBeUndefined()
    expect(b?.keyring.stats().unknownKey).toBe(1)
  })

  it('names keys without telling them, the one in use first', () => {
    const keyring = ring(K1, K2)
    const [first, second] = keyring.names
    expect(keyring.names.every((name) => /^[0-9a-f]{6}$/.test(name))).toBe(true)
    keyring.use(K2)
    expect(keyring.names).toEqual([second, first])
    keyring.add(K2)
    keyring.remove(K3)
    expect(keyring.names).toEqual([second, first])
    keyring.remove(K1)
    expect(keyring.names).toEqual([second])
  })

  it('takes keys as Base64 too', () => {
    const keyring = ring(Buffer.from(K1).toString('base64'))
    keyring.add(K1)
    expect(keyring.names).toHaveLength(1)
    const b = keyring.bind('test', 'b', 1)
    expect(b.open(node('a').seal.seal(PACKET, 'b'), 'a')).toEqual(PACKET)
  })
})

describe('refused', () => {
  const refused = (run: () => unknown, message: string): void => {
    const error = (() => {
      try {
        run()
      } catch (caught) {
        return caught
      }
      return undefined
    })()
    expect(error).toBeInstanceOf(GossipError)
    expect(error).toMatchObject({ code: 'GOSSIP_INVALID_OPTION' })
    expect((error as Error).message).toContain(message)
  }

  it('are keys that are none, without showing them', () => {
    refused(() => ring(), 'keys must be')
    refused(() => ring(new Uint8Array(16)), 'not 16 bytes')
    refused(() => ring('short'), '32 random bytes')
    refused(() => ring(`${Buffer.from(K1).toString('base64').slice(0, -2)}!!`), '32 random bytes')
    refused(() => ring(7 as never), '32 random bytes')
    const secret = 'secret-secret-secret-secret-secret'
    expect(() => ring(secret)).not.toThrow(secret)
  })

  it('are changes that would cut the node off', () => {
    const keyring = ring(K1)
    refused(() => keyring.use(K2), 'added')
    refused(() => keyring.remove(K1), 'in use')
    for (let byte = 2; byte <= 16; byte++) keyring.add(new Uint8Array(32).fill(byte))
    refused(() => keyring.add(new Uint8Array(32).fill(17)), 'at most 16')
  })

  it('are other impossible options', () => {
    refused(() => createKeyring(undefined as never), 'options')
    refused(() => createKeyring({ keys: [K1], replayWindowMs: 999 }), 'replayWindowMs')
    refused(() => createKeyring({ keys: [K1], now: 7 as never }), 'now')
    refused(() => ring(K1).bind('', 'a'), 'cluster')
    refused(() => ring(K1).bind('c', ''), 'self')
    refused(() => ring(K1).bind('c', 'a', -1), 'epoch')
  })
})
