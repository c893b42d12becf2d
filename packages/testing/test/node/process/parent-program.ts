/** Starts two processes, pauses one of them, tells which they are, and ends as it is told. */
import { createProcessGroup } from '../../../src/node/process/process-group.ts'
import type { FromEcho, ToEcho } from './echo-program.ts'

/** What must not outlive this program. */
export interface Orphans {
  readonly pids: readonly number[]
  readonly guard: number
  readonly directory: string
}

const group = await createProcessGroup({ prefix: 'colony-parent-' })
const members = [1, 2].map(() => group.start<ToEcho, FromEcho>(new URL('./echo-program.ts', import.meta.url)))
await Promise.all(members.map(async (member) => await member.hear(() => true as const)))
members[0]?.pause()
const { guardPid: guard = 0, directory } = group
process.send?.({ pids: members.map(({ pid = 0 }) => pid), guard, directory } satisfies Orphans)
process.on('message', (order) => {
  if (order === 'throw') throw new Error('as it was told')
  process.exit(3)
})
