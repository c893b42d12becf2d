import type { Transport } from '@colony/host'
import { expectBytes, expectEqual, expectTrue } from '../expectations.ts'
import { testFrame, testFrames } from './test-frame.ts'
import type { TransportCase } from './transport-bench.ts'

const DROPPED =
  '`false` when the frame was dropped at once: unknown address, no connection, congested, too large, closed.'
/** More than any queue should hold. */
const FLOOD_BYTES = 2 ** 28
const FLOOD_FRAMES = 500_000
const FLOOD_FRAME_BYTES = 65_536

/** What `send` takes, and what it says to the rest. */
export const SENDING_CASES: readonly TransportCase[] = [
  {
    name: 'a frame of maxFrameBytes is accepted, and arrives whole',
    clause: 'Largest frame that `send` accepts, in bytes.',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('largest')
      const largest = testFrame(1, Math.max(4, a.transport.capabilities.maxFrameBytes))
      await bench.carry(a, b, 'largest', inbox, [largest])
      const [arrived] = inbox.received
      expectTrue(arrived !== undefined, 'the largest frame did not arrive')
      expectBytes(arrived.frame, largest, 'the largest frame')
    },
  },
  {
    name: 'a frame above maxFrameBytes is refused, and does no harm',
    clause: DROPPED,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('too large')
      const tooLarge = new Uint8Array(a.transport.capabilities.maxFrameBytes + 1)
      expectEqual(a.transport.send('b', 'too large', tooLarge), false, 'what send says to one byte too many')
      await bench.carry(a, b, 'too large', inbox, testFrames(3))
      const lengths = new Set(inbox.received.map(({ frame }) => frame.length))
      expectEqual([...lengths], [16], 'lengths of what arrived')
    },
  },
  {
    name: 'one array may be sent to many nodes',
    clause: 'From this call on the bytes must not be changed; the same array may be sent to many peers.',
    check: async (bench) => {
      const { a, b, c } = await bench.trio()
      const [atB, atC] = [b.inbox('shared'), c.inbox('shared')]
      const shared = testFrame(1, 2000)
      const original = shared.slice()
      await bench.eventually(() => {
        for (const { id } of [b, c]) a.transport.send(id, 'shared', shared)
        return atB.received.length > 0 && atC.received.length > 0
      }, 'a frame sent to two nodes arrives at both')
      for (const { frame } of [...atB.received, ...atC.received])
        expectBytes(frame, original, 'the shared frame')
      expectBytes(shared, original, "the sender's own array, afterwards")
    },
  },
  {
    name: 'a frame to oneself is refused',
    clause: 'Sending to oneself is not supported and returns `false`.',
    check: async (bench) => {
      const { a } = await bench.pair()
      a.inbox('self')
      expectEqual(a.transport.send('a', 'self', testFrame(1)), false, 'what send says to the own id')
    },
  },
  {
    name: 'a frame to a node that nobody knows is refused',
    clause: DROPPED,
    needs: 'addresses',
    check: async (bench) => {
      const { a } = await bench.pair()
      expectEqual(a.transport.send('stranger', 'any', testFrame(1)), false, 'what send says to an unknown id')
    },
  },
  {
    name: 'frames to a node that is gone are refused, sooner or later',
    clause: DROPPED,
    needs: 'connections',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      await bench.close(b)
      let number = 0
      await bench.eventually(
        () => !a.transport.send('b', 'gone', testFrame((number += 1))),
        'send returns false for a node that has closed',
      )
    },
  },
  {
    name: 'frames are refused when too many wait, and accepted again later',
    clause: DROPPED,
    needs: 'bounded',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      b.inbox('flood')
      const inbox = b.inbox('after the flood')
      expectTrue(
        isRefusedInTime(a.transport),
        `send accepted ${FLOOD_BYTES} bytes or ${FLOOD_FRAMES} frames at once`,
      )
      await bench.carry(a, b, 'after the flood', inbox, testFrames(2))
    },
  },
  {
    name: 'a closed transport refuses every frame',
    clause: DROPPED,
    check: async (bench) => {
      const { a } = await bench.pair()
      await bench.close(a)
      expectEqual(
        a.transport.send('b', 'any', testFrame(1)),
        false,
        'what send says when the transport is closed',
      )
    },
  },
  {
    name: 'send does not throw, whatever it is given and whenever',
    clause: 'Never throws.',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const early = await bench.make('early')
      const closed = await bench.node('closed')
      await bench.close(closed)
      const names = ['', 'b', 'a', 'x'.repeat(300), 'é'.repeat(200), '\u0000', '\ud800', '__proto__']
      const frames = [
        new Uint8Array(0),
        testFrame(1),
        new Uint8Array(a.transport.capabilities.maxFrameBytes + 1),
      ]
      for (const { transport } of [a, early, closed]) {
        for (const to of names) {
          for (const channel of names) for (const frame of frames) transport.send(to, channel, frame)
        }
      }
      // Nor later, when what was queued is looked at.
      await bench.carry(a, b, 'still alive', b.inbox('still alive'), testFrames(1))
    },
  },
]

/** Sends without a pause until a frame is refused; `false` when none ever is. */
function isRefusedInTime(transport: Transport): boolean {
  const frame = testFrame(1, Math.max(4, Math.min(FLOOD_FRAME_BYTES, transport.capabilities.maxFrameBytes)))
  const most = Math.min(FLOOD_FRAMES, FLOOD_BYTES / frame.length)
  for (let count = 0; count < most; count++) {
    if (!transport.send('b', 'flood', frame)) return true
  }
  return false
}
