import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createProcessGroup, type ProcessGroup } from '../../../src/node/index.ts'

/** What makes a plain Node run the TypeScript of the programs here. */
export const LOADER: readonly string[] = ['--import', import.meta.resolve('tsx')]

/** A group that is closed when the test is over, however that ends. */
export async function groupOfTest(): Promise<ProcessGroup> {
  const group = await createProcessGroup({ prefix: 'colony-test-' })
  onTestFinished(async () => await group.close())
  return group
}

/** Whether there is such a process, and it has not ended. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // One that has ended and that nobody has asked for its exit code still has its id.
  return stateOf(pid) !== 'Z'
}

/** The state of a process as Linux tells it (`R`, `S`, `T`, `Z`, …); empty where nobody tells. */
export function stateOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3)
  } catch {
    return ''
  }
}

/** Resolves when `condition` holds; fails after half a minute. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came about: ${what}`)
    await sleep(5)
  }
}
