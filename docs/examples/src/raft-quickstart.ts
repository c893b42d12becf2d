/** The first example of `@colony/raft`, on three nodes in one process: real TCP, real files. Run: `tsx docs/examples/src/raft-quickstart.ts` */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeHost } from '@colony/host/node'
import { createRaft, type Raft } from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { freePorts } from './free-ports.ts'

// #region machine
class Bank {
  readonly balances = new Map<string, number>([['x', 100]])

  apply({ amount, from, to }: { amount: number; from: string; to: string }): boolean {
    const balance = this.balances.get(from) ?? 0
    if (balance < amount) return false // an expected failure is a result, not an exception
    this.balances.set(from, balance - amount)
    this.balances.set(to, (this.balances.get(to) ?? 0) + amount)
    return true
  }
}
// #endregion machine

const [portA = 0, portB = 0, portC = 0] = await freePorts(3)
const directory = await mkdtemp(join(tmpdir(), 'colony-quickstart-'))

// #region start
const members = {
  a: `tcp://127.0.0.1:${portA}`,
  b: `tcp://127.0.0.1:${portB}`,
  c: `tcp://127.0.0.1:${portC}`,
}

async function start(id: string, port: number): Promise<Raft<Bank>> {
  const host = nodeHost({ clusterId: 'bank', listen: `127.0.0.1:${port}` })
  const storage = await fileStorage(join(directory, id))
  return await createRaft({ id, members, host, storage, machine: new Bank() })
}

const [a, b, c] = await Promise.all([start('a', portA), start('b', portB), start('c', portC)])
// #endregion start

// #region use
const { value, index } = await a.propose({ amount: 10, from: 'x', to: 'y' }, { idempotencyKey: 'order-17' })
console.log(`transferred: ${value}, at index ${index}`)

const exact = await b.read((bank) => bank.balances.get('y')) // linearizable by default, on any node
console.log(`y holds ${exact.value}`)

const quick = await c.read((bank) => bank.balances.get('y'), { consistency: 'local' }) // at once, of known age
console.log(`c says ${quick.value ?? 'nothing yet'}, at most ${quick.staleMs.toFixed(1)} ms old`)
// #endregion use

await Promise.all([a.close(), b.close(), c.close()])
await rm(directory, { recursive: true })
