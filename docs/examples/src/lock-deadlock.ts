/**
 * Two processes that each hold a lock and want the other's: the group that they form finds the deadlock, one gives way, and both come to an end.
 * Run: `tsx docs/examples/src/lock-deadlock.ts`
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePorts } from './free-ports.ts'

const [portOne = 0, portTwo = 0] = await freePorts(2)
const program = fileURLToPath(import.meta.resolve('./lock-deadlock-node.ts'))

function start(id: string, from: string, to: string): ChildProcess {
  return fork(program, [id, from, to, String(portOne), String(portTwo)])
}

/** Tells a process to go on, and prints what it says when it has. */
async function step(node: ChildProcess, word: string): Promise<void> {
  node.send(word)
  const [said] = (await once(node, 'message')) as [string]
  console.log(said)
}

// One moves money from ann to bob, the other back.
const one = start('one', 'ann', 'bob')
const two = start('two', 'bob', 'ann')
await Promise.all([once(one, 'message'), once(two, 'message')])
await step(one, 'take the first')
await step(two, 'take the first')
// Now each of them waits for the other one: whoever began last gives way, and tries again.
await Promise.all([step(one, 'take the second'), step(two, 'take the second')])
for (const node of [one, two]) node.disconnect()
