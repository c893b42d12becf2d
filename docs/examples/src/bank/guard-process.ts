/**
 * The process that cleans up when the orchestrator cannot: after `kill -9` of it. A paused node would otherwise stay paused for good,
 * since it cannot notice anything, and files would be left behind.
 */
import { rmSync } from 'node:fs'
import { serveOrchestrator } from './child-side.ts'
import type { ToGuard } from './control-messages.ts'

const pids = new Set<number>()
let directory: string | undefined

serveOrchestrator<ToGuard>((message) => {
  switch (message.type) {
    case 'directory':
      directory = message.path
      return
    case 'watch':
      pids.add(message.pid)
      return
    case 'forget':
      pids.delete(message.pid)
  }
}, cleanUp)

function cleanUp(): void {
  for (const pid of pids) kill(pid)
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already, as it should be.
  }
}
