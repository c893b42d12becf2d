import { expectEqual, expectRejection, expectTrue } from '../expectations.ts'
import { testFrame, testFrames } from './test-frame.ts'
import type { TransportCase } from './transport-bench.ts'

const PROMISES = 'What this transport promises; constant.'
const CLOSE = 'Stops listening, flushes what was accepted for a bounded time, closes every connection.'
const OPEN_ONCE =
  'Called once, or again after it was rejected, before any frame is sent; `receive` may be called before it.'
const FLUSHED_FRAMES = 50
const QUIET_MS = 20

/** From opening to closing. */
export const LIFECYCLE_CASES: readonly TransportCase[] = [
  {
    name: 'a node that is open, and has not sent anything yet, is reached',
    clause: 'Starts to listen as node `self`.',
    check: async (bench) => {
      const [a, b] = [await bench.node('a'), await bench.node('b')]
      await bench.carry(a, b, 'first', b.inbox('first'), testFrames(2))
    },
  },
  {
    name: 'what was received before opening is received after it',
    clause: OPEN_ONCE,
    check: async (bench) => {
      const a = await bench.node('a')
      const b = await bench.make('b')
      const inbox = b.inbox('early')
      await bench.open(b)
      await bench.connect(a, b)
      await bench.carry(a, b, 'early', inbox, testFrames(2))
    },
  },
  {
    name: 'opening that is impossible is rejected, with a code that says so',
    clause:
      'A ColonyError, with code `HOST_ADDRESS_IN_USE` or `HOST_LISTEN_FAILED`, when listening is impossible.',
    needs: 'occupied',
    check: async (bench) => {
      const { transport } = await bench.occupied('a')
      const codes = ['HOST_ADDRESS_IN_USE', 'HOST_LISTEN_FAILED']
      await expectRejection(bench.within(transport.open('a'), 'open'), codes, 'open where it is impossible')
    },
  },
  {
    name: 'opening that was rejected may be tried again',
    clause: OPEN_ONCE,
    needs: 'occupied',
    check: async (bench) => {
      const { transport, free } = await bench.occupied('a')
      await expectRejection(bench.within(transport.open('a'), 'open'), [], 'open where it is impossible')
      await free()
      await bench.within(transport.open('a'), 'open, where nothing stands against it any more')
    },
  },
  {
    name: 'the capabilities do not change, and are those that the factory claims',
    clause: PROMISES,
    check: async (bench) => {
      const node = await bench.make('a')
      const before = { ...node.transport.capabilities }
      await bench.open(node)
      const opened = { ...node.transport.capabilities }
      await bench.close(node)
      expectEqual(
        [opened, { ...node.transport.capabilities }],
        [before, before],
        'capabilities, open and closed',
      )
      const claimed = {
        ordered: bench.supports.includes('ordered'),
        reliable: bench.supports.includes('reliable'),
      }
      expectEqual(
        { ordered: before.ordered, reliable: before.reliable },
        claimed,
        'what the transport promises',
      )
      const { maxFrameBytes } = before
      expectTrue(
        Number.isSafeInteger(maxFrameBytes) && maxFrameBytes > 0,
        `maxFrameBytes is ${maxFrameBytes}`,
      )
    },
  },
  {
    name: 'a closed transport delivers nothing more',
    clause: CLOSE,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('closed')
      await bench.carry(a, b, 'closed', inbox, testFrames(1))
      await bench.settle()
      for (const frame of testFrames(5, 10)) a.transport.send('b', 'closed', frame)
      await bench.close(b)
      const before = inbox.received.length
      for (const frame of testFrames(5, 20)) a.transport.send('b', 'closed', frame)
      await bench.settle()
      // Nobody is left to send a probe to: what is on its way in spite of all comes soon.
      await bench.pause(QUIET_MS)
      expectEqual(inbox.received.length - before, 0, 'frames that arrived after close')
    },
  },
  {
    name: 'what was accepted before close arrives',
    clause: CLOSE,
    needs: 'reliable',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('flushed')
      const frames = testFrames(FLUSHED_FRAMES, 0, 200)
      const accepted = frames.filter((frame) => a.transport.send('b', 'flushed', frame.slice()))
      await bench.close(a)
      const count = (): number => accepted.filter((frame) => inbox.has(frame)).length
      await inbox.wait(bench.clock, bench.deadlineMs, () => inbox.received.length >= accepted.length)
      expectEqual(count(), accepted.length, 'how many of the accepted frames arrived')
    },
  },
  {
    name: 'closing again, or before opening, does nothing',
    clause: 'Idempotent.',
    check: async (bench) => {
      const { a } = await bench.pair()
      const neverOpen = await bench.make('never open')
      await bench.close(neverOpen)
      const both = Promise.all([a.transport.close(), a.transport.close()])
      await bench.within(both, 'close, twice at once')
      await bench.close(a)
      expectEqual(a.transport.send('b', 'any', testFrame(1)), false, 'what send says after all of it')
    },
  },
]
