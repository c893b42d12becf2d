import { performance } from 'node:perf_hooks'
import { median } from '../measure/percentiles.ts'
import { CoreNetwork, type NetworkNode } from './core-network.ts'
import { heapUsed } from './heap.ts'

/** What idle nodes say, for each of them. */
export interface IdleRow {
  readonly members: number
  readonly packetsPerSecond: number
  readonly bytesPerSecond: number
  /** With what UDP of `@colony/host/node` puts in front of each. */
  readonly wireBytesPerSecond: number
}

/** Nine bytes and an id of three characters or four. */
const UDP_HEAD_BYTES = 13
const IDLE_MS = 300_000
/** Until the news of who has joined have been told. */
const SETTLE_MS = 60_000

/** Nodes that nothing happens to, for five minutes. */
export function measureIdle(members: number): IdleRow {
  const network = new CoreNetwork(members)
  network.join(members, 120_000)
  network.run(SETTLE_MS)
  const [packets, bytes] = [network.packets, network.bytes]
  network.run(IDLE_MS)
  const share = (IDLE_MS / 1000) * members
  const packetsPerSecond = (network.packets - packets) / share
  const bytesPerSecond = (network.bytes - bytes) / share
  const wireBytesPerSecond = bytesPerSecond + packetsPerSecond * UDP_HEAD_BYTES
  return { members, packetsPerSecond, bytesPerSecond, wireBytesPerSecond }
}

/** How long it takes until all know all. */
export interface JoinRow {
  readonly members: number
  readonly loss: number
  readonly seeds: number
  readonly medianMs: number
  readonly mostMs: number
}

/** So many nodes that start at once and know one of them. */
export function measureJoin(members: number, loss: number, seeds: number): JoinRow {
  const took = Array.from({ length: seeds }, (_, seed) =>
    new CoreNetwork(seed + 1, loss).join(members, 300_000),
  )
  return { members, loss, seeds, medianMs: median(took), mostMs: Math.max(...took) }
}

/** How soon a crash is known. */
export interface DetectionRow {
  readonly members: number
  readonly loss: number
  readonly crashes: number
  readonly firstMs: number
  readonly mostFirstMs: number
  /** From the first that declares it failed to the last. */
  readonly spreadMs: number
  /** Healthy nodes that anybody declared failed meanwhile. */
  readonly falseDeaths: number
}

/** Between two crashes. */
const BETWEEN_MS = 5000
const PATIENCE_MS = 120_000

/** Crashes one node after the other. */
export function measureDetection(members: number, loss: number, crashes: number): DetectionRow {
  const network = new CoreNetwork(7 + members, loss)
  network.join(members, 300_000)
  network.run(SETTLE_MS)
  const firsts: number[] = []
  const spreads: number[] = []
  let falseDeaths = 0
  for (let crash = 0; crash < crashes; crash++) {
    const victim = network.nodes.get(`n${members - crash}`) as NetworkNode
    const told: number[] = []
    network.listener = (_node, event, now) => {
      if (event.type !== 'fail') return
      if (event.member.id === victim.id) told.push(now)
      else if (network.nodes.get(event.member.id)?.up === true) falseDeaths += 1
    }
    victim.up = false
    const started = network.now
    const others = members - crash - 1
    while (told.length < others && network.now - started < PATIENCE_MS) network.run(10)
    firsts.push((told[0] ?? Number.NaN) - started)
    spreads.push(told.length < others ? Number.NaN : (told.at(-1) ?? 0) - (told[0] ?? 0))
    network.run(BETWEEN_MS)
  }
  const [firstMs, spreadMs] = [median(firsts), median(spreads)]
  return { members, loss, crashes, firstMs, mostFirstMs: Math.max(...firsts), spreadMs, falseDeaths }
}

/** An hour of a large cluster. */
export interface HourRow {
  readonly members: number
  readonly simulatedSeconds: number
  readonly seconds: number
  readonly processorSeconds: number
  readonly packets: number
  /** Processor time of one packet, sent and received, in microseconds. */
  readonly microsPerPacket: number
  /** Heap of one member in the table of one other, everything that a node has shared among them. */
  readonly heapPerMember: number
}

/** A cluster that idles for so long. Measured in a process that has done nothing else. */
export function measureHour(members: number, simulatedSeconds: number): HourRow {
  const before = heapUsed()
  const network = new CoreNetwork(11)
  network.join(members, 300_000)
  network.run(SETTLE_MS)
  const heapPerMember = (heapUsed() - before) / (members * (members - 1))
  const packets = network.packets
  const cpu = process.cpuUsage()
  const started = performance.now()
  network.run(simulatedSeconds * 1000)
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const sent = network.packets - packets
  return {
    ...{ members, simulatedSeconds, seconds, packets: sent, heapPerMember },
    processorSeconds: (user + system) / 1e6,
    microsPerPacket: (user + system) / sent,
  }
}
