import { formatMachine, type Machine } from '../measure/machine.ts'
import { type Column, formatMs, formatRate, formatTable } from '../measure/table.ts'
import type { CheckingRow } from './checking.ts'
import type { CoreRow } from './cores.ts'
import type { HeartbeatRow } from './heartbeats.ts'
import type { SimulatingRow } from './simulating.ts'

/** Everything that one run found out. */
export interface TestingFigures {
  readonly bench: 'testing'
  readonly machine: Machine
  readonly command: string
  readonly seconds: number
  readonly cores: readonly CoreRow[]
  readonly simulating: readonly SimulatingRow[]
  readonly heartbeats: readonly HeartbeatRow[]
  readonly checking: readonly CheckingRow[]
}

const CORES_TEXT =
  'Five raft cores stepped directly, no promise in between: elections, proposals, loss and crashes, invariants after every event, a history of what clients asked. In one thread and in one a core, as `exploreInWorkers` runs seeds, each with the memory for young objects that it gives them; the goal is for one machine.'

const SIMULATING_TEXT =
  'Five nodes of the unchanged `createRaft` on its file log, faults of every kind, clients, history and checker included: ordinary asynchronous code, in threads like those of `exploreInWorkers`. A thread begins with code that is not compiled yet: what it does in the first seconds stands beside what it does afterwards. The goal is for one machine.'

const HEARTBEATS_TEXT =
  'Five nodes that send each other a heartbeat every 50 ms and handle it in an async function. fake-timers has no network, no trace and no faults: a message is a timer there.'

const CHECKING_TEXT = 'Linearizability of registers, medians.'

/** The page. */
export function formatTestingReport(figures: TestingFigures): string {
  const { machine, command, cores, simulating, heartbeats, checking } = figures
  const sections = ['# testing', `\`${command}\` on ${formatMachine(machine)}.`]
  if (cores.length > 0) sections.push('## Cores', CORES_TEXT, coreTable(cores))
  if (simulating.length > 0) sections.push('## Whole services', SIMULATING_TEXT, simulatingTable(simulating))
  if (heartbeats.length > 0)
    sections.push('## Beside fake timers', HEARTBEATS_TEXT, heartbeatTable(heartbeats))
  if (checking.length > 0) sections.push('## Checking histories', CHECKING_TEXT, checkingTable(checking))
  return `${sections.join('\n\n')}\n`
}

function columns(first: string, ...others: string[]): Column[] {
  return [{ title: first, align: 'left' }, ...others.map((title) => ({ title, align: 'right' }) as const)]
}

function coreTable(rows: readonly CoreRow[]): string {
  return formatTable(
    columns('what', 'threads', 'events/s', 'times real time', 'goal events/s', 'met'),
    rows.map(({ what, threads, eventsPerSecond, timesReal, goal }) => [
      ...[what, String(threads), formatRate(eventsPerSecond), formatRate(timesReal)],
      ...[formatRate(goal), eventsPerSecond >= goal ? 'yes' : 'no'],
    ]),
  )
}

function simulatingTable(rows: readonly SimulatingRow[]): string {
  return formatTable(
    columns('load', 'threads', 'simulated s/s at first', 'simulated s/s', 'events/s', 'seeds', 'goal', 'met'),
    rows.map(({ load, threads, seeds, goal, ...speed }) => [
      ...[load, String(threads), formatRate(speed.firstSimulatedSecondsPerSecond)],
      ...[formatRate(speed.simulatedSecondsPerSecond), formatRate(speed.eventsPerSecond), String(seeds)],
      ...[formatRate(goal), speed.simulatedSecondsPerSecond >= goal ? 'yes' : 'no'],
    ]),
  )
}

function heartbeatTable(rows: readonly HeartbeatRow[]): string {
  return formatTable(
    columns('system', 'events/s', 'times real time'),
    rows.map(({ system, eventsPerSecond, timesReal }) => [
      ...[system, formatRate(eventsPerSecond), formatRate(timesReal)],
    ]),
  )
}

function checkingTable(rows: readonly CheckingRow[]): string {
  return formatTable(
    columns('history', 'operations', 'verdict', 'ms', 'goal ms', 'met'),
    rows.map(({ history, operations, verdict, ms, goalMs }) => [
      ...[history, formatRate(operations), verdict, formatMs(ms), `≤ ${goalMs}`, ms <= goalMs ? 'yes' : 'no'],
    ]),
  )
}
