import { count, milliseconds, seconds } from './format.ts'
import { currentFault, type NodeView, type Phase, type Snapshot } from './snapshot.ts'
import type { Fault } from './fault-injector.ts'
import type { Style } from './style.ts'

/** The point that the demo makes, in a line for each kind of operation. */
export const CONSISTENCY_LINES: readonly string[] = [
  'transfers, balance reads   linearizable, through any node: as if there were one bank',
  'account history            local: answered at once by any node, and it says how stale it may be',
]

const PHASES: Readonly<Record<Phase, string>> = {
  starting: 'starting the processes',
  running: 'running',
  finishing: 'waiting for the last answers, and for every node to catch up',
  verifying: 'verifying what the clients recorded against all state machines',
  done: 'done',
}

const BAR_WIDTH = 40

/** The screen, line by line. */
export function drawFrame(snapshot: Snapshot, style: Style): readonly string[] {
  const { nodes, seed, clients } = snapshot
  const [transfers = '', history = ''] = CONSISTENCY_LINES
  return [
    '',
    `  ${style.bold('colony')} a bank on ${nodes.length} processes, ${clients} clients${style.dim(`  seed ${seed}`)}`,
    '',
    `  ${style.dim(transfers)}`,
    `  ${style.dim(history)}`,
    '',
    style.dim('  node      pid  process   role            term      commit     applied'),
    ...nodes.map((node) => drawNode(node, snapshot, style)),
    '',
    ...drawFigures(snapshot, style),
    '',
    ...drawFaults(snapshot, style),
    '',
    drawProgress(snapshot, style),
    '',
  ]
}

function drawNode({ id, pid, state, status }: NodeView, snapshot: Snapshot, style: Style): string {
  const up = state === 'up'
  const fault = currentFault(snapshot)
  const isCut = fault?.kind === 'cut-link' || fault?.kind === 'isolate-leader'
  const cut = isCut && fault.victims.includes(id)
  const process = cut ? style.yellow('cut off'.padEnd(8)) : drawState(state, style)
  const role = up ? (status?.role ?? '') : ''
  const mark = role === 'leader' ? style.green('● leader'.padEnd(14)) : `  ${role}`.padEnd(14)
  const figures = [
    String(status?.term ?? '-').padStart(6),
    count(status?.commitIndex).padStart(12),
    count(status?.appliedIndex).padStart(12),
  ].join('')
  const number = String(state === 'down' ? '-' : (pid ?? '-')).padStart(7)
  return `  ${id.padEnd(4)} ${style.dim(number)}  ${process}  ${mark}${up ? figures : style.dim(figures)}`
}

function drawState(state: NodeView['state'], style: Style): string {
  const text = state.padEnd(8)
  if (state === 'up') return style.green(text)
  return state === 'starting' ? style.dim(text) : style.red(text)
}

function drawFigures({ figures }: Snapshot, style: Style): readonly string[] {
  if (figures === undefined) return ['  no load yet', '']
  const { opsPerSecond, localPerSecond, p50Ms, p99Ms, stalestMs, acknowledged, unknown, retries } = figures
  const rate = style.bold(`${count(opsPerSecond)} ops/s`)
  return [
    `  ${rate}   transfers p50 ${milliseconds(p50Ms)}  p99 ${milliseconds(p99Ms)}   local reads ${count(localPerSecond)}/s, up to ${milliseconds(stalestMs)} stale`,
    `  acknowledged ${count(acknowledged)}   unknown ${count(unknown)}   retried ${count(retries)}`,
  ]
}

function drawFaults(snapshot: Snapshot, style: Style): readonly string[] {
  const { faults, plannedFaults, now } = snapshot
  return Array.from({ length: plannedFaults }, (_, nth) => {
    const fault = faults[nth]
    return fault === undefined ? style.dim('  ○') : drawFault(fault, now, style)
  })
}

function drawFault(fault: Fault, now: number, style: Style): string {
  const { title, startedAt, endedAt } = fault
  if (endedAt === undefined) return style.red(`  ✗ ${title.padEnd(42)} for ${seconds(now - startedAt)}`)
  return `  ${style.green('✓')} ${title.padEnd(42)} ${style.dim(`whole again after ${seconds(endedAt - startedAt)}${electionOf(fault)}`)}`
}

/** What a fault did to the leadership, once it is over. */
export function electionOf({ leaderBefore, leaderAfter, termBefore, termAfter }: Fault): string {
  if (termAfter === undefined) return ''
  if (termAfter === termBefore) return `, ${leaderBefore} went on leading`
  return `, ${leaderBefore} → ${leaderAfter ?? '?'} in term ${termAfter}`
}

function drawProgress({ phase, elapsedMs, totalMs }: Snapshot, style: Style): string {
  const share = Math.min(1, elapsedMs / totalMs)
  const full = Math.round(share * BAR_WIDTH)
  const bar = `${style.green('█'.repeat(full))}${style.dim('░'.repeat(BAR_WIDTH - full))}`
  const late = phase === 'running' && elapsedMs > totalMs
  const doing = late ? 'a little longer, until the last fault is over' : PHASES[phase]
  return `  ${bar}  ${seconds(elapsedMs)} of ${seconds(totalMs)}  ${doing}`
}
