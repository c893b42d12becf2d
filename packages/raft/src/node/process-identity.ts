import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** What tells a process from every other one, also from a later one that got its pid. Only Linux says all of it. */
export interface ProcessIdentity {
  readonly pid: number
  readonly hostname: string
  /** When it started, in clock ticks since the machine did. */
  readonly startTime?: string | undefined
  /** New at every start of the machine; the same in all its containers. */
  readonly bootId?: string | undefined
  /** Within which the pid means something: containers have their own. */
  readonly pidNamespace?: string | undefined
}

/** Linux gives the first namespace of each kind this fixed number: a process in it sees the machine's own name. */
const MACHINE_UTS_NAMESPACE = 'uts:[4026531838]'

/** Identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const [stat, bootId, pidNamespace] = await Promise.all([
    readStat('self'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined),
    readlink('/proc/self/ns/pid').catch(() => undefined),
  ])
  return {
    pid: process.pid,
    hostname: hostname(),
    startTime: stat?.startTime,
    bootId: bootId?.trim(),
    pidNamespace,
  }
}

/** Whether a process may still run. `true` whenever that cannot be found out. */
export async function mayRun(other: ProcessIdentity, own: ProcessIdentity): Promise<boolean> {
  const isSameHost = other.hostname === own.hostname
  if (other.bootId !== own.bootId || other.bootId === undefined) {
    // A machine of another name is out of sight. This one was restarted since, if it can tell; else pids must.
    if (!isSameHost) return true
    if (other.bootId !== undefined && own.bootId !== undefined) return false
  } else if (other.pidNamespace !== own.pidNamespace) {
    // Another container of this machine; its pids are out of sight. With a name of our own, it was our last life (a container keeps
    // its name when it is restarted); with the machine's name, which other containers may have too, nobody knows.
    return !isSameHost || (await seesMachineName())
  }
  return await isRunning(other)
}

async function seesMachineName(): Promise<boolean> {
  const namespace = await readlink('/proc/self/ns/uts').catch(() => undefined)
  return namespace === undefined || namespace === MACHINE_UTS_NAMESPACE
}

async function isRunning({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, as another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const stat = await readStat(pid)
  if (stat === undefined) return true
  return !stat.isDead && (startTime === undefined || stat.startTime === startTime)
}

interface ProcessStat {
  readonly startTime: string
  /** Ended, only nobody has asked for its exit code yet; and no thread is left in the middle of a write. */
  readonly isDead: boolean
}

/** proc(5): pid, name in parentheses (which may hold anything), then state as field 3, threads as field 20, start time as field 22. */
async function readStat(pid: number | 'self'): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, threads, startTime] = [fields[0], fields[17], fields[19]]
  if (startTime === undefined) return undefined
  return { startTime, isDead: (state === 'Z' || state === 'X') && Number(threads) <= 1 }
}
