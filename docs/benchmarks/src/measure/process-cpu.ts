import { readFileSync } from 'node:fs'

/** What the kernel counts processor time in, on every Linux that matters: hundredths of a second. */
const TICK_MICROS = 10_000

/** Processor time that these processes have used so far, all threads, in microseconds; NaN where the system does not tell. */
export function processCpuMicros(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMicrosOf(pid), 0)
}

function cpuMicrosOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may contain anything: fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
  } catch {
    return Number.NaN
  }
}
