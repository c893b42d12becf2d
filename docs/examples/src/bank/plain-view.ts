import { CONSISTENCY_LINES, electionOf } from './frame.ts'
import type { Fault } from './fault-injector.ts'
import { count, milliseconds, seconds } from './format.ts'
import { currentFault, type Phase, type Snapshot, type View } from './snapshot.ts'

const LINE_INTERVAL_MS = 1_000

/** The run in plain lines: one a second, and one for whatever happens. For files, pipes and CI. */
export class PlainView implements View {
  readonly #write: (line: string) => void
  #phase: Phase | undefined
  #begun = 0
  #ended = 0
  #lineAt = 0

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  update(snapshot: Snapshot): void {
    const { phase, faults, elapsedMs, figures } = snapshot
    if (phase !== this.#phase) this.#enter(snapshot)
    while (this.#tellNext(faults, elapsedMs));
    if (phase !== 'running' || figures === undefined || elapsedMs < this.#lineAt) return
    this.#lineAt = elapsedMs + LINE_INTERVAL_MS
    this.#event(elapsedMs, describe(snapshot))
  }

  close(): void {
    this.#phase = 'done'
  }

  #enter({ phase, nodes, clients, seed, elapsedMs }: Snapshot): void {
    this.#phase = phase
    if (phase === 'starting') {
      this.#write(`colony: a bank on ${nodes.length} processes, ${clients} clients, seed ${seed}`)
      for (const line of CONSISTENCY_LINES) this.#write(`  ${line}`)
    } else if (phase !== 'done') {
      this.#event(elapsedMs, phase)
    }
  }

  /** Tells of the next beginning or end of a fault, in the order in which they came; `false` when all is told. */
  #tellNext(faults: readonly Fault[], elapsedMs: number): boolean {
    if (this.#ended < this.#begun) {
      const fault = faults[this.#ended]
      if (fault?.endedAt === undefined) return false
      const lasted = seconds(fault.endedAt - fault.startedAt)
      this.#event(elapsedMs, `over: ${fault.title}, whole again after ${lasted}${electionOf(fault)}`)
      this.#ended++
      return true
    }
    const fault = faults[this.#begun]
    if (fault === undefined) return false
    this.#event(elapsedMs, `fault: ${fault.title}`)
    this.#begun++
    return true
  }

  #event(elapsedMs: number, text: string): void {
    this.#write(`${seconds(elapsedMs).padStart(7)}  ${text}`)
  }
}

function describe(snapshot: Snapshot): string {
  const { nodes, figures } = snapshot
  if (figures === undefined) return ''
  const leader = nodes.find(({ state, status }) => state === 'up' && status?.role === 'leader')
  const who = leader === undefined ? 'no leader' : `leader ${leader.id} term ${leader.status?.term}`
  const fault = currentFault(snapshot)
  return [
    `${count(figures.opsPerSecond)} ops/s`,
    `p50 ${milliseconds(figures.p50Ms)}`,
    `p99 ${milliseconds(figures.p99Ms)}`,
    `local reads up to ${milliseconds(figures.stalestMs)} stale`,
    `acknowledged ${count(figures.acknowledged)}`,
    who,
    ...(fault === undefined ? [] : [`[${fault.title}]`]),
  ].join('  ')
}
