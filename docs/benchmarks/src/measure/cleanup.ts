import { mkdtempSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

const tasks = new Set<() => void>()
let installed = false

/**
 * Runs `task` when this process ends, however it ends short of SIGKILL: normally, by an uncaught error, or by Ctrl-C.
 * Tasks run newest first and synchronously. Dispose of the result to run it at once instead.
 */
export function onEnd(task: () => void): Disposable {
  install()
  tasks.add(task)
  return {
    [Symbol.dispose]: () => {
      if (tasks.delete(task)) task()
    },
  }
}

/** Makes a directory that is gone when disposed of, or when this process ends. */
export function temporaryDirectory(parent: string, prefix: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(parent, prefix))
  // A process that was killed just before may still be closing its files, hence the retries.
  const removal = onEnd(() => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return { path, [Symbol.dispose]: () => removal[Symbol.dispose]() }
}

function install(): void {
  if (installed) return
  installed = true
  process.on('exit', () => {
    for (const task of [...tasks].toReversed()) attempt(task)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
}

function attempt(task: () => void): void {
  try {
    task()
  } catch (error) {
    console.error(error)
  }
}
