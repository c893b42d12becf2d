import { createSocket } from 'node:dgram'
import { AddressBook } from '@colony/host'
import { udpTransport } from '@colony/host/node'
import { createKeyring } from '@colony/gossip/node'

/** What one datagram costs, sent and received by one process. */
export interface DatagramsRow {
  readonly what: string
  readonly bytes: number
  readonly perSecond: number
  readonly processorMicros: number
  /** Of those sent. */
  readonly received: number
}

/** Sent in one turn of the event loop. */
const BURST = 32

/** Node's own sockets, and the transport on them. */
export async function measureDatagrams(seconds: number, bytes: number): Promise<DatagramsRow[]> {
  return [await measureBare(seconds, bytes), await measureTransport(seconds, bytes)]
}

async function measureBare(seconds: number, bytes: number): Promise<DatagramsRow> {
  const [from, to] = [createSocket('udp4'), createSocket('udp4')]
  for (const socket of [from, to]) {
    await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', resolve))
  }
  let received = 0
  to.on('message', () => void (received += 1))
  const { port } = to.address()
  const frame = new Uint8Array(bytes)
  const row = await drive(
    'node:dgram',
    seconds,
    bytes,
    () => from.send(frame, port, '127.0.0.1'),
    () => received,
  )
  from.close()
  to.close()
  return row
}

async function measureTransport(seconds: number, bytes: number): Promise<DatagramsRow> {
  const addresses = new AddressBook()
  const options = { clusterId: 'bench', addresses, listen: { host: '127.0.0.1', port: 0 } }
  const [from, to] = [udpTransport(options), udpTransport(options)]
  await from.open('from')
  await to.open('to')
  let received = 0
  to.receive('gossip', () => void (received += 1))
  const frame = new Uint8Array(bytes)
  const row = await drive(
    'udpTransport',
    seconds,
    bytes,
    () => from.send('to', 'gossip', frame),
    () => received,
  )
  await Promise.all([from.close(), to.close()])
  return row
}

async function drive(
  what: string,
  seconds: number,
  bytes: number,
  send: () => unknown,
  received: () => number,
): Promise<DatagramsRow> {
  let sent = 0
  const burst = async (ms: number): Promise<void> => {
    const end = performance.now() + ms
    while (performance.now() < end) {
      for (let count = 0; count < BURST; count++) send()
      sent += BURST
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await burst(500)
  sent = 0
  const before = received()
  const cpu = process.cpuUsage()
  await burst(seconds * 1000)
  const { user, system } = process.cpuUsage(cpu)
  await new Promise((resolve) => setTimeout(resolve, 100))
  return {
    ...{ what, bytes, perSecond: sent / seconds },
    processorMicros: (user + system) / sent,
    received: (received() - before) / sent,
  }
}

/** What the keyring costs. */
export interface SealingRow {
  readonly what: string
  readonly bytes: number
  readonly perSecond: number
}

/** Sealing, opening, and turning away, one after the other in one thread. */
export function measureSealing(seconds: number, bytes: number): SealingRow[] {
  const keys = (): ReturnType<typeof createKeyring> => createKeyring({ keys: [new Uint8Array(32).fill(7)] })
  const [a, b] = [keys().bind('bench', 'a', 1), keys().bind('bench', 'b', 1)]
  const packet = new Uint8Array(bytes)
  const sealed = a.seal(packet, 'b')
  const forged = sealed.slice()
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  const foreign = sealed.slice()
  foreign[2] = (foreign[2] ?? 0) ^ 1
  const rates: [string, () => void][] = [
    ['sealed', () => void a.seal(packet, 'b')],
    ['sealed and opened', () => void b.open(a.seal(packet, 'b'), 'a')],
    ['replayed, turned away', () => void b.open(sealed, 'a')],
    ['of another key, turned away', () => void b.open(foreign, 'a')],
    ['forged, from somebody unknown', () => void b.open(forged, 'c')],
  ]
  b.open(sealed, 'a')
  return rates.map(([what, run]) => ({ what, bytes, perSecond: rateOf(run, seconds) }))
}

function rateOf(run: () => void, seconds: number): number {
  let count = 0
  for (let warm = 0; warm < 5000; warm++) run()
  const started = performance.now()
  const end = started + seconds * 1000
  while (performance.now() < end) {
    for (let each = 0; each < 100; each++) run()
    count += 100
  }
  return (count / (performance.now() - started)) * 1000
}
