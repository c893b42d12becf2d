import type { Address, Channel, Transport } from '@colony/host'
import { expectEqual, expectTrue } from '../expectations.ts'
import { numberOf, testFrame, testFrames } from './test-frame.ts'
import type { TransportBench, TransportCase } from './transport-bench.ts'
import type { TransportNode } from './transport-node.ts'

const STREAMED_FRAMES = 100

/** What only some transports can do: reach an address whose owner nobody knows, and stream where they send datagrams otherwise. */
export const CONTACT_CASES: readonly TransportCase[] = [
  {
    name: 'a node knows where others reach it, once it is open',
    clause: 'Optional: where other nodes reach this one, from the end of `open` on; `undefined` before.',
    needs: 'contact',
    check: async (bench) => {
      const node = await bench.make('a')
      expectEqual(node.transport.localAddress, undefined, 'the address before open')
      await bench.open(node)
      addressOf(node)
    },
  },
  {
    name: 'a frame to an address reaches whoever listens there',
    clause:
      'Optional, for transports with addresses: hands a frame to whoever listens at `address`, whose id need not be known: a seed.',
    needs: 'contact',
    check: async (bench) => {
      const [a, b, c] = [await bench.node('a'), await bench.node('b'), await bench.node('c')]
      await bench.connect(b, c)
      const [atB, atC] = [b.inbox('seed'), c.inbox('seed')]
      const frame = testFrame(7)
      // The second time the two know each other.
      for (const inbox of [atB, b.inbox('seed again')]) {
        const channel = inbox === atB ? 'seed' : 'seed again'
        await keepContacting(bench, a.transport, addressOf(b), channel, frame, () => inbox.has(frame))
        expectEqual(inbox.received[0]?.from, 'a', 'the sender of a frame that was sent to an address')
      }
      expectEqual(atC.received.length, 0, 'frames that reached somebody at another address')
      await bench.connect(a, b)
    },
  },
  {
    name: 'a frame to an impossible address, or to one where nobody is, does no harm',
    clause: 'Everything else is as with `send`, and `true` promises as little.',
    needs: 'contact',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const gone = await bench.node('c')
      const address = addressOf(gone)
      await bench.close(gone)
      for (const nowhere of [address, '', 'x'.repeat(300), '\u0000', '\ud800', '__proto__']) {
        for (const channel of ['seed', '', 'x'.repeat(300)])
          a.transport.contact?.(nowhere, channel, testFrame(1))
      }
      const tooLarge = new Uint8Array(a.transport.capabilities.maxFrameBytes + 1)
      expectEqual(
        a.transport.contact?.(addressOf(b), 'seed', tooLarge),
        false,
        'what contact says to a frame too large',
      )
      expectEqual(
        gone.transport.contact?.(addressOf(b), 'seed', testFrame(1)),
        false,
        'what contact says once closed',
      )
      await bench.carry(a, b, 'still alive', b.inbox('still alive'), testFrames(1))
    },
  },
  {
    name: 'a frame that is streamed arrives, whatever is lost of the others',
    clause: 'No frame that it accepted is lost while both ends and the link between them stay up.',
    needs: 'stream',
    check: async (bench) => {
      const { a, b } = await bench.pair()
      const inbox = b.inbox('streamed')
      const frames = testFrames(STREAMED_FRAMES)
      for (const frame of frames) {
        await bench.eventually(
          () => a.transport.stream?.('b', 'streamed', frame.slice()) === true,
          'stream accepts a frame',
        )
      }
      const isComplete = await inbox.wait(bench.clock, bench.deadlineMs, () => {
        return frames.every((frame) => inbox.has(frame))
      })
      const lost = frames.filter((frame) => !inbox.has(frame)).map(numberOf)
      expectTrue(
        isComplete,
        `${lost.length} of ${STREAMED_FRAMES} frames were lost, the first was number ${lost[0]}`,
      )
    },
  },
]

function addressOf({ id, transport }: TransportNode): Address {
  const { localAddress } = transport
  expectTrue(typeof localAddress === 'string' && localAddress !== '', `'${id}' has no address`)
  return localAddress
}

/** Sends a frame to an address again and again until `isOver`. */
async function keepContacting(
  bench: TransportBench,
  transport: Transport,
  address: Address,
  channel: Channel,
  frame: Uint8Array,
  isOver: () => boolean,
): Promise<void> {
  await bench.eventually(() => {
    if (!isOver()) transport.contact?.(address, channel, frame.slice())
    return isOver()
  }, `a frame to the address '${address}' arrives`)
}
