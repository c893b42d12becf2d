import type { FrameHandler } from '@colony/host'
import { expectEqual, expectThrow, expectTrue } from '../expectations.ts'
import { Inbox } from './inbox.ts'
import { numberOf, testFrame, testFrames } from './test-frame.ts'
import type { TransportCase } from './transport-bench.ts'

const ONE_CHANNEL =
  'Delivers the frames of one channel to `handler`; frames of a channel without a handler are dropped.'
const DISPOSE = 'Dispose of the result to stop.'
const THROWING = 'A handler that throws is reported to the observer; the transport goes on.'
const REFUSED =
  'A ColonyError with code `HOST_INVALID_OPTION` when the channel already has a handler or its name is too long.'

/** Who gets what arrives. */
export const RECEIVING_CASES: readonly TransportCase[] = [
  {
    name: 'frames that nobody receives are dropped, not kept for later',
    clause: ONE_CHANNEL,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      for (const frame of testFrames(3, 10)) a.transport.send('b', 'late', frame)
      await bench.settle()
      const inbox = b.inbox('late')
      await bench.carry(a, b, 'late', inbox, testFrames(3, 20))
      await bench.settle()
      const early = inbox.received.filter(({ frame }) => numberOf(frame) < 20)
      expectEqual(early.length, 0, 'frames that a handler got from before its time')
    },
  },
  {
    name: 'a handler that was disposed of gets nothing more',
    clause: DISPOSE,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const { inbox, registration } = b.listen('stopped')
      await bench.carry(a, b, 'stopped', inbox, testFrames(1, 10))
      await bench.settle()
      registration[Symbol.dispose]()
      for (const frame of testFrames(5, 20)) a.transport.send('b', 'stopped', frame)
      await bench.settle()
      const late = inbox.received.filter(({ frame }) => numberOf(frame) >= 20)
      expectEqual(late.length, 0, 'frames that arrived after dispose')
    },
  },
  {
    name: 'another handler may follow, and disposing of the first once more does not stop it',
    clause: DISPOSE,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = new Inbox()
      const first = b.transport.receive('passed on', inbox.handler)
      first[Symbol.dispose]()
      // The same function again: it must not be taken for the first registration.
      b.transport.receive('passed on', inbox.handler)
      first[Symbol.dispose]()
      await bench.carry(a, b, 'passed on', inbox, testFrames(2))
    },
  },
  {
    name: 'after a handler threw, it and the others go on receiving',
    clause: THROWING,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const throwing = new Inbox()
      b.transport.receive('throwing', throwsAfter(throwing.handler))
      const inbox = b.inbox('calm')
      await bench.carry(a, b, 'throwing', throwing, testFrames(2, 10))
      await bench.carry(a, b, 'calm', inbox, testFrames(2, 20))
      await bench.carry(a, b, 'throwing', throwing, testFrames(2, 30))
      await bench.connect(a, b)
    },
  },
  {
    name: 'the observer is told of a handler that threw',
    clause: THROWING,
    needs: 'observer',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const throwing = new Inbox()
      b.transport.receive('throwing', throwsAfter(throwing.handler))
      const before = b.events.length
      await bench.carry(a, b, 'throwing', throwing, [testFrame(1)])
      await bench.eventually(
        () => b.events.slice(before).some(({ level }) => level === 'error'),
        'the observer is told, with level error',
      )
    },
  },
  {
    name: 'a channel has one handler',
    clause: REFUSED,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('taken')
      const second = new Inbox()
      expectThrow(
        () => b.transport.receive('taken', second.handler),
        ['HOST_INVALID_OPTION'],
        'receive on a channel that has a handler',
      )
      await bench.carry(a, b, 'taken', inbox, testFrames(1))
      expectTrue(second.received.length === 0, 'the handler that was refused got a frame')
    },
  },
  {
    name: 'a channel name above 255 bytes of UTF-8 is refused, one of 255 is not',
    clause: REFUSED,
    check: async (bench) => {
      const { a, b } = await bench.pair()
      for (const name of ['x'.repeat(256), 'é'.repeat(128)]) {
        expectThrow(
          () => b.transport.receive(name, () => undefined),
          ['HOST_INVALID_OPTION'],
          `receive on a channel of ${name.length} characters and 256 bytes`,
        )
      }
      const longest = `${'é'.repeat(127)}x`
      await bench.carry(a, b, longest, b.inbox(longest), testFrames(1))
    },
  },
]

function throwsAfter(handler: FrameHandler): FrameHandler {
  return (from, frame) => {
    handler(from, frame)
    throw new Error('thrown by a handler, on purpose')
  }
}
