import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Keeps a server and this process on processor cores of their own until disposed of: the server on the last one, this process on the others. A scheduler that sees two
 * processes take turns over a loopback socket may put both on one core, at one time and not at another; a server elsewhere shares no core with its clients.
 * Does nothing where there is one core, or no `taskset` (Linux).
 */
export function onOwnCores(serverPid: number): Disposable {
  const last = availableParallelism() - 1
  const kept = last > 0 && pin(serverPid, `${last}`) && pin(process.pid, `0-${last - 1}`)
  return { [Symbol.dispose]: () => void (kept && pin(process.pid, `0-${last}`)) }
}

/** All threads of a process. Whether there was a way to. */
function pin(pid: number, cores: string): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
