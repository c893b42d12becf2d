import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { NodesRow } from './nodes.ts'

const PING = Buffer.alloc(40)
const ACK = Buffer.alloc(40, 1)
const INTERVAL_MS = 1000
const SETTLE_MS = 3000

/** The least that an idle node can cost: so many sockets in one process, each of which sends a datagram a second to another one, and gets one back. */
export async function measureBareSockets(members: number, seconds: number): Promise<NodesRow> {
  const sockets: Socket[] = []
  for (let number = 0; number < members; number++) {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    sockets.push(socket)
  }
  let datagrams = 0
  const ports = sockets.map((socket) => socket.address().port)
  const timers = sockets.map((socket, index) => {
    let turn = index
    socket.on('message', (message, { port }) => {
      if (message[0] === 0) socket.send(ACK, port, '127.0.0.1')
      datagrams += 1
    })
    const ping = (): void => socket.send(PING, ports[++turn % members] ?? 0, '127.0.0.1')
    // Not all in the same instant, as nodes are not.
    return setTimeout(() => (timers[index] = setInterval(ping, INTERVAL_MS)), (index * INTERVAL_MS) / members)
  })
  await sleep(SETTLE_MS)
  const before = datagrams
  const cpu = process.cpuUsage()
  const from = performance.now()
  await sleep(seconds * 1000)
  const elapsed = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = (datagrams - before) / elapsed / members
  for (const timer of timers) clearInterval(timer)
  for (const socket of sockets) socket.close()
  return {
    ...{ kind: 'bare', members, joinMs: Number.NaN },
    processorShare: (user + system) / 1e6 / elapsed / members,
    ...{ datagramsPerSecond: perSecond, bytesPerSecond: perSecond * PING.length },
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
