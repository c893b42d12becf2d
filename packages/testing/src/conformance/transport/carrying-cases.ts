import { expectBytes, expectEqual, expectTrue } from '../expectations.ts'
import { contentKey } from './inbox.ts'
import { numberOf, testFrame, testFrames } from './test-frame.ts'
import type { TransportCase } from './transport-bench.ts'

/** Where copying, framing and chunking change their ways. The last is limited by what the transport takes. */
const SIZES: readonly number[] = [
  0, 1, 2, 3, 63, 64, 65, 255, 256, 1023, 1024, 1025, 4096, 16_384, 65_535, 70_000,
]
const CHANNELS = 24
const ORDERED_FRAMES = 300
const RELIABLE_FRAMES = 500

const NEVER_ALTERED =
  'Frames may be lost, duplicated, delayed and reordered, but never altered and never delivered on another channel.'
const BY_IDENTITY =
  'Carries frames between nodes, addressed by identity: unreliable, unordered datagrams are enough for every protocol here, ' +
  'so a custom transport is about 70 lines.'

/** What happens to frames between the nodes. */
export const CARRYING_CASES: readonly TransportCase[] = [
  {
    name: 'a frame reaches the node that it is for, and no other',
    clause: BY_IDENTITY,
    check: async (bench) => {
      const { a, b, c } = await bench.trio()
      const [atA, atB, atC] = [a.inbox('post'), b.inbox('post'), c.inbox('post')]
      await bench.carry(a, b, 'post', atB, testFrames(3, 10))
      await bench.carry(a, c, 'post', atC, testFrames(3, 20))
      await bench.settle()
      const tens = (inbox: typeof atA): number[] => [
        ...new Set(inbox.received.map(({ frame }) => Math.floor(numberOf(frame) / 10))),
      ]
      expectEqual(
        [tens(atA), tens(atB), tens(atC)],
        [[], [1], [2]],
        'what sender and both receivers got, in tens',
      )
    },
  },
  {
    name: 'a node that comes back under its id is found again, and finds others',
    clause: BY_IDENTITY,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      await bench.close(b)
      const again = await bench.node('b')
      await bench.connect(a, again)
      const [atA, atB] = [a.inbox('again'), again.inbox('again')]
      await bench.carry(a, again, 'again', atB, testFrames(2))
      await bench.carry(again, a, 'again', atA, testFrames(2, 10))
    },
  },
  {
    name: 'frames arrive as they were sent, whatever their size',
    clause: NEVER_ALTERED,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('sizes')
      const most = a.transport.capabilities.maxFrameBytes
      const sent = SIZES.filter((size) => size <= most).map((size) => anyFrame(size))
      await bench.carry(a, b, 'sizes', inbox, sent)
      await bench.settle()
      for (const { frame } of inbox.received) {
        const original = sent.find(({ length }) => length === frame.length)
        expectTrue(original !== undefined, `a frame of ${frame.length} bytes arrived, which nobody sent`)
        expectBytes(frame, original, `the frame of ${frame.length} bytes`)
      }
    },
  },
  {
    name: 'a frame that is a view into a larger array arrives without what is around it',
    clause: NEVER_ALTERED,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('views')
      const around = testFrame(7, 4000)
      // Not through `carry`, which sends copies.
      await bench.eventually(() => {
        a.transport.send('b', 'views', around.subarray(100, 164))
        a.transport.send('b', 'views', around.subarray(1000, 3000))
        return inbox.has(around.subarray(100, 164)) && inbox.has(around.subarray(1000, 3000))
      }, 'views of a larger array arrive')
    },
  },
  {
    name: 'channels are kept apart',
    clause: NEVER_ALTERED,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const names = Array.from({ length: CHANNELS }, (_, nth) => `group:${'é'.repeat(nth * 5)}${nth}`)
      const inboxes = names.map((name) => b.inbox(name))
      const carried = names.map(async (name, nth) => {
        const inbox = inboxes[nth]
        if (inbox !== undefined) await bench.carry(a, b, name, inbox, testFrames(3, nth * 10))
      })
      await Promise.all(carried)
      await bench.settle()
      for (const [nth, inbox] of inboxes.entries()) {
        const tens = inbox.received.map(({ frame }) => Math.floor(numberOf(frame) / 10))
        expectEqual([...new Set(tens)], [nth], `whose frames arrived on channel ${nth}`)
      }
    },
  },
  {
    name: 'the receiver is told who sent a frame',
    clause:
      "`from` is the sender's id as the transport vouches for it (with mutual TLS it is proved by a certificate).",
    check: async (bench) => {
      const { a, b, c } = await bench.trio()
      const inbox = c.inbox('who')
      await bench.carry(a, c, 'who', inbox, testFrames(3, 10))
      await bench.carry(b, c, 'who', inbox, testFrames(3, 20))
      for (const { from, frame } of inbox.received) {
        expectEqual(from, numberOf(frame) < 20 ? 'a' : 'b', `the sender of frame ${numberOf(frame)}`)
      }
    },
  },
  {
    name: 'bytes that a receiver keeps stay as they are',
    clause:
      'The receiver may keep the bytes and views of them, but must not change them: other receivers may share them.',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('kept')
      for (let round = 0; round < 20; round++) {
        await bench.carry(a, b, 'kept', inbox, testFrames(10, round * 10, 100 + round))
      }
      for (const { frame, key } of inbox.received) {
        expectTrue(
          contentKey(frame) === key,
          `frame ${numberOf(frame)} changed after its handler had returned`,
        )
      }
    },
  },
  {
    name: 'frames of one channel arrive in the order of sending',
    clause:
      'Frames from one sender on one channel arrive in the order in which they were sent (some may be missing).',
    needs: 'ordered',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('ordered')
      for (let number = 0; number < ORDERED_FRAMES; number++) {
        // Small and large ones take different ways through many transports.
        a.transport.send('b', 'ordered', testFrame(number, number % 7 === 0 ? 1500 : 16))
        if (number % 40 === 39) await bench.pause(1)
      }
      await bench.settle()
      const numbers = inbox.received.map(({ frame }) => numberOf(frame))
      const early = numbers.findIndex((number, at) => number < (numbers[at - 1] ?? -1))
      expectTrue(numbers.length > 0, 'none of the frames arrived')
      expectTrue(early === -1, `frame ${numbers[early]} arrived after frame ${numbers[early - 1]}`)
    },
  },
  {
    name: 'no accepted frame is lost while the link stays up',
    clause: 'No frame that `send` accepted is lost while both ends and the link between them stay up.',
    needs: 'reliable',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('reliable')
      const frames = testFrames(RELIABLE_FRAMES, 0, 200)
      for (const frame of frames) {
        await bench.eventually(() => a.transport.send('b', 'reliable', frame.slice()), 'send accepts a frame')
      }
      const arrived = (): boolean => frames.every((frame) => inbox.has(frame))
      const isComplete = await inbox.wait(bench.clock, bench.deadlineMs, () => {
        return inbox.received.length >= RELIABLE_FRAMES && arrived()
      })
      const lost = frames.filter((frame) => !inbox.has(frame)).map(numberOf)
      expectTrue(
        isComplete,
        `${lost.length} of ${RELIABLE_FRAMES} frames were lost, the first was number ${lost[0]}`,
      )
    },
  },
]

function anyFrame(size: number): Uint8Array {
  return size < 4 ? new Uint8Array(size).fill(0xa5) : testFrame(size, size)
}
