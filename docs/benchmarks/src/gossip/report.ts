import { type Goal, goalOf, goalTable } from '../measure/goals.ts'
import { formatMachine, type Machine } from '../measure/machine.ts'
import type { OtherLoad } from '../measure/rests.ts'
import { type Column, formatMs, formatRate, formatTable } from '../measure/table.ts'
import type { AgentsRow } from './agents.ts'
import type { DatagramsRow, SealingRow } from './datagrams.ts'
import type { NodesRow } from './nodes.ts'
import type { DetectionRow, HourRow, IdleRow, JoinRow } from './simulated.ts'

/** Everything that one run found out. */
export interface GossipFigures {
  readonly bench: 'gossip'
  readonly machine: Machine
  readonly command: string
  readonly seconds: number
  /** The installed version. */
  readonly serf: string | undefined
  readonly idle: readonly IdleRow[]
  readonly nodes: readonly NodesRow[]
  readonly join: readonly JoinRow[]
  readonly detection: readonly DetectionRow[]
  readonly hour: readonly HourRow[]
  readonly agents: readonly AgentsRow[]
  readonly datagrams: readonly DatagramsRow[]
  readonly sealing: readonly SealingRow[]
  readonly otherLoad: OtherLoad | undefined
}

const IDLE_TEXT =
  'Simulated, the timing of a LAN, five minutes after everybody has joined, for each node. *on the wire* adds what UDP of `@colony/host/node` puts before each packet.'
const NODES_TEXT =
  'One process with so many nodes, each on a UDP socket of its own on loopback: the event loop, the sockets and the timers of `createGossip`, all included. *bare sockets* do nothing but send one datagram a second each, and answer it: the least that a node can cost on this machine.'
const JOIN_TEXT =
  'Simulated: all start at the same moment and know one of them. Until every node knows every other one. memberlist 0.2.2 took 3.0 to 4.2 s in five of ten trials at 100 nodes and 93 to 105 s in the other five, measured elsewhere.'
const DETECTION_TEXT =
  'Simulated: nodes crash one after the other. Until the first of the others declares it failed, and from then until the last does. memberlist 0.2.2 with its LAN profile took 10.5 to 13.8 s at 100 nodes without loss, and with 30 % loss 1,701 healthy nodes were declared failed, measured elsewhere.'
const HOUR_TEXT =
  'A thousand cores stepped directly in one thread, with nothing in between but a queue of events. The heap is what all of them hold when each knows all others, after a full collection, a share for each member in the table of each other one.'
const AGENTS_TEXT =
  'Five processes on loopback with the timing of a LAN; the last one is killed. Colony: `createGossip` on UDP. serf: the agent of Debian, which is Go and memberlist.'
const TRANSPORT_TEXT =
  'One process sends to itself on loopback, in bursts of 32. *processor µs* are for sending and receiving together; a share that is not received was more than the receiver could take, which is what datagrams are like.'
const SEALING_TEXT = 'The keyring, in one thread.'

/** The page. */
export function formatGossipReport(figures: GossipFigures): string {
  const { machine, command, serf, otherLoad } = figures
  const sections = [
    '# gossip',
    `\`${command}\` on ${formatMachine(machine)}; serf ${serf ?? 'is not installed'}.`,
  ]
  if (otherLoad !== undefined) {
    const share = (part: number): string => `${Math.round(part * 100)} %`
    sections.push(
      `Other programs took ${share(otherLoad.median)} of all processors in the median rest, and ${share(otherLoad.most)} at most.`,
    )
  }
  const goals = gossipGoals(figures)
  if (goals.length > 0) sections.push('## Goals', goalTable(goals))
  for (const [title, text, table] of tables(figures)) sections.push(`## ${title}`, text, table)
  return `${sections.join('\n\n')}\n`
}

/** What the figures are to reach. */
export function gossipGoals({ idle, nodes, join, detection, hour }: GossipFigures): readonly Goal[] {
  const hundred = idle.find(({ members }) => members === 100)
  const thousand = join.find(({ members }) => members === 1000)
  const crash = detection.find(({ members, loss }) => members === 100 && loss === 0)
  const lossy = detection.find(({ loss }) => loss === 0.3)
  const plain = nodes.find(({ kind }) => kind === 'plain')
  return [
    ...goalOf('idle packets a second and node', hundred?.packetsPerSecond ?? Number.NaN, 'most', 2.1),
    ...goalOf(
      'idle bytes a second and node, on the wire',
      hundred?.wireBytesPerSecond ?? Number.NaN,
      'most',
      97,
    ),
    ...goalOf(
      'processor of an idle node on UDP, %',
      100 * (plain?.processorShare ?? Number.NaN),
      'most',
      0.02,
    ),
    ...goalOf(
      'heap for each known member at 1,000, bytes',
      hour[0]?.heapPerMember ?? Number.NaN,
      'most',
      200,
    ),
    ...goalOf(
      '1,000 nodes join through one seed, simulated s',
      (thousand?.mostMs ?? Number.NaN) / 1000,
      'below',
      10,
    ),
    ...goalOf('a crash among 100 is known, median s', (crash?.firstMs ?? Number.NaN) / 1000, 'most', 13.8),
    ...goalOf('false deaths among 100 at 30 % loss', lossy?.falseDeaths ?? Number.NaN, 'most', 170),
    ...goalOf('1,000 nodes for a simulated hour, s', hour[0]?.seconds ?? Number.NaN, 'below', 60),
  ]
}

type Titled = readonly [title: string, text: string, table: string]

function tables(figures: GossipFigures): readonly Titled[] {
  const all: readonly (readonly [rows: readonly unknown[], ...titled: Titled])[] = [
    [figures.idle, 'Idle', IDLE_TEXT, idleTable(figures.idle)],
    [figures.nodes, 'Real nodes', NODES_TEXT, nodesTable(figures.nodes)],
    [figures.join, 'Joining', JOIN_TEXT, joinTable(figures.join)],
    [figures.detection, 'Crashes', DETECTION_TEXT, detectionTable(figures.detection)],
    [figures.hour, 'An hour', HOUR_TEXT, hourTable(figures.hour)],
    [figures.agents, 'Beside serf', AGENTS_TEXT, agentsTable(figures.agents)],
    [figures.datagrams, 'Datagrams', TRANSPORT_TEXT, datagramsTable(figures.datagrams)],
    [figures.sealing, 'Sealing', SEALING_TEXT, sealingTable(figures.sealing)],
  ]
  return all.filter(([rows]) => rows.length > 0).map(([, ...titled]) => titled)
}

function columns(first: string, ...others: string[]): Column[] {
  return [{ title: first, align: 'left' }, ...others.map((title) => ({ title, align: 'right' }) as const)]
}

function percent(share: number, places = 0): string {
  return `${(100 * share).toFixed(places)} %`
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1000).toFixed(2) : '–'
}

function idleTable(rows: readonly IdleRow[]): string {
  return formatTable(
    columns('nodes', 'packets/s', 'bytes/s', 'bytes/s on the wire'),
    rows.map(({ members, packetsPerSecond, bytesPerSecond, wireBytesPerSecond }) => [
      ...[
        formatRate(members),
        packetsPerSecond.toFixed(2),
        bytesPerSecond.toFixed(1),
        wireBytesPerSecond.toFixed(1),
      ],
    ]),
  )
}

const KINDS: Readonly<Record<NodesRow['kind'], string>> = {
  plain: '',
  sealed: ', sealed',
  bare: ' bare sockets',
}

function nodesTable(rows: readonly NodesRow[]): string {
  return formatTable(
    columns('nodes', 'processor a node', 'datagrams/s', 'bytes/s', 'all know all after s'),
    rows.map(({ kind, members, processorShare, datagramsPerSecond, bytesPerSecond, joinMs }) => [
      ...[`${members}${KINDS[kind]}`, percent(processorShare, 4), datagramsPerSecond.toFixed(2)],
      ...[bytesPerSecond.toFixed(1), seconds(joinMs)],
    ]),
  )
}

function joinTable(rows: readonly JoinRow[]): string {
  return formatTable(
    columns('nodes', 'loss', 'seeds', 'median s', 'most s'),
    rows.map(({ members, loss, seeds, medianMs, mostMs }) => [
      ...[formatRate(members), percent(loss), String(seeds), seconds(medianMs), seconds(mostMs)],
    ]),
  )
}

function detectionTable(rows: readonly DetectionRow[]): string {
  return formatTable(
    columns(
      'nodes',
      'loss',
      'crashes',
      'first, median s',
      'first, most s',
      'to the last, median s',
      'false deaths',
    ),
    rows.map(({ members, loss, crashes, firstMs, mostFirstMs, spreadMs, falseDeaths }) => [
      ...[formatRate(members), percent(loss), String(crashes), seconds(firstMs), seconds(mostFirstMs)],
      ...[seconds(spreadMs), formatRate(falseDeaths)],
    ]),
  )
}

function hourTable(rows: readonly HourRow[]): string {
  return formatTable(
    columns('nodes', 'simulated s', 's', 'processor s', 'packets', 'µs/packet', 'heap B/member'),
    rows.map((row) => [
      ...[formatRate(row.members), formatRate(row.simulatedSeconds), row.seconds.toFixed(1)],
      ...[row.processorSeconds.toFixed(1), formatRate(row.packets), row.microsPerPacket.toFixed(2)],
      formatRate(row.heapPerMember),
    ]),
  )
}

function agentsTable(rows: readonly AgentsRow[]): string {
  return formatTable(
    columns(
      'system',
      'agents',
      'all know all after s',
      'processor an agent',
      'RSS MB',
      'crash: first s',
      'last s',
    ),
    rows.map(({ system, agents, joinMs, processorShare, residentBytes, firstMs, lastMs }) => [
      ...[system, String(agents), seconds(joinMs), percent(processorShare, 3)],
      ...[(residentBytes / 1e6).toFixed(0), seconds(firstMs), seconds(lastMs)],
    ]),
  )
}

function datagramsTable(rows: readonly DatagramsRow[]): string {
  return formatTable(
    columns('what', 'bytes', 'sent/s', 'processor µs', 'received'),
    rows.map(({ what, bytes, perSecond, processorMicros, received }) => [
      ...[what, String(bytes), formatRate(perSecond), processorMicros.toFixed(2), percent(received)],
    ]),
  )
}

function sealingTable(rows: readonly SealingRow[]): string {
  return formatTable(
    columns('what', 'bytes', 'a second', 'µs'),
    rows.map(({ what, bytes, perSecond }) => [
      ...[what, String(bytes), formatRate(perSecond), formatMs(1e6 / perSecond)],
    ]),
  )
}
