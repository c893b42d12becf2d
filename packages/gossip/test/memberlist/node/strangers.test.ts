import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { joinSerf, type SerfNode, type SerfOptions } from '../../../src/memberlist/index.ts'
import { splitAddress } from '../../../src/memberlist/node/socket-transport.ts'
import { encodeMessage } from '../../../src/memberlist/wire/message-writer.ts'
import { eventually } from './sockets.ts'

const open: { close(): unknown }[] = []

async function start(options: Partial<SerfOptions> = {}): Promise<SerfNode> {
  const node = await joinSerf({ name: 'node', bind: '127.0.0.1:0', profile: 'local', ...options })
  open.push(node)
  return node
}

function dial(node: SerfNode): Socket {
  const socket = connect(splitAddress(node.address))
  socket.on('error', () => {})
  open.push({ close: () => socket.destroy() })
  return socket
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

describe('strangers at the port', () => {
  it('who dial and say nothing are cut off, and more than 128 are not let in', async () => {
    const node = await start()
    const sockets = Array.from({ length: 140 }, () => dial(node))
    const counts = await eventually(
      () => node.counts()['too-many-connections'] ?? 0,
      (count) => count >= 12,
      5_000,
    )
    expect(counts).toBe(12)
    // A second in the profile for one machine.
    await eventually(
      () => sockets.filter(({ closed }) => closed).length,
      (closed) => closed === sockets.length,
      10_000,
    )
    await once(dial(node), 'connect')
    expect(node.counts()['too-many-connections']).toBe(12)
  })

  it('who say what is no message are told so, and change nothing', async () => {
    const node = await start()
    const socket = dial(node)
    const answer = once(socket, 'data') as Promise<[Buffer]>
    socket.write(Uint8Array.of(6, 0xc1))
    const [bytes] = await answer
    expect(bytes[0]).toBe(13)
    expect(bytes.toString('latin1')).toContain('malformed')

    const udp = createSocket('udp4')
    open.push({ close: () => udp.close() })
    const { host, port } = splitAddress(node.address)
    for (const packet of [[], [0xff], [0x0c, 1, 2, 3, 4, 5], [7, 200], [8], [8, 99]]) {
      udp.send(Uint8Array.from(packet), port, host)
    }
    await eventually(
      () => node.counts(),
      (counts) =>
        (counts['malformed'] ?? 0) >= 3 && counts['bad-checksum'] === 1 && counts['bad-compound'] === 1,
      5_000,
    )
    expect(node.members()).toHaveLength(1)
  })

  it('whose datagrams are plain, or without the label, are not heard', async () => {
    const meta = new Uint8Array(0)
    const versions = Uint8Array.of(1, 5, 2, 2, 5, 5)
    const ip = Uint8Array.of(127, 0, 0, 1)
    const alive = encodeMessage({ type: 'alive', node: 'x', ip, port: 9, incarnation: 1, meta, versions })
    const cases = [
      [{ keys: [Buffer.alloc(16, 1)] }, 'not-opened'],
      [{ label: 'blue' }, 'wrong-label'],
    ] as const
    for (const [options, problem] of cases) {
      const node = await start(options)
      const udp = createSocket('udp4')
      open.push({ close: () => udp.close() })
      const { host, port } = splitAddress(node.address)
      udp.send(alive, port, host)
      await eventually(
        () => node.counts()[problem],
        (count) => count === 1,
        5_000,
      )
      expect(node.members()).toHaveLength(1)
    }
  })
})
