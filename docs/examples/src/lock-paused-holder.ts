/**
 * A process that holds a lock is stopped in the middle of its work, for longer than its lease. Another one takes the lock and writes. The first wakes up and writes, too: refused.
 * Run: `tsx docs/examples/src/lock-paused-holder.ts`
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { FenceGuard, LockError } from '@colony/lock'
import { freePorts } from './free-ports.ts'

const ports = (await freePorts(3)).map(String)
const program = fileURLToPath(import.meta.resolve('./lock-paused-holder-node.ts'))
const start = (id: string): ChildProcess => fork(program, [id, ...ports])

// #region resource
/** What is written to. It remembers the greatest token that it has seen, and refuses smaller ones. */
const guard = new FenceGuard()

function write({ by, token }: { readonly by: string; readonly token: string }): string {
  try {
    guard.check('report', BigInt(token))
    return `${by} writes: done`
  } catch (error) {
    return `${by} writes: refused, ${error instanceof LockError ? error.code : String(error)}`
  }
}
// #endregion resource

/** Tells a process what to do, and prints what came of it. */
async function step(node: ChildProcess, word: 'take' | 'write' | 'look'): Promise<void> {
  const said = once(node, 'message')
  node.send(word)
  const [answer] = (await said) as [string | Parameters<typeof write>[0]]
  console.log(typeof answer === 'string' ? answer : write(answer))
}

const nodes = ['one', 'two', 'three'].map(start)
const [one, two] = nodes as [ChildProcess, ChildProcess]
await Promise.all(nodes.map((node) => once(node, 'message')))

await step(one, 'take')
await step(one, 'write')
one.kill('SIGSTOP')
console.log('one is stopped')
await step(two, 'take') // when the lease of the first is over, and not before
await step(two, 'write')
// The next thing that the first one does when it wakes up, before any of its timers has told it anything.
const woken = step(one, 'write')
one.kill('SIGCONT')
console.log('one goes on')
await woken
await step(one, 'look')
for (const node of nodes) node.disconnect()
