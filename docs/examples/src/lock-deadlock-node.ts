/** One of the processes of `lock-deadlock.ts`: a member of a group of two, with an owner of locks. */
import { nodeHost } from '@colony/host/node'
import { createLocks, LockError } from '@colony/lock'
import { lockTable, raftBackend } from '@colony/lock/raft'
import { createRaft, memoryStorage } from '@colony/raft'

const [id = 'one', from = 'ann', to = 'bob', portOne = '7001', portTwo = '7002'] = process.argv.slice(2)

// #region start
const members = { one: `tcp://127.0.0.1:${portOne}`, two: `tcp://127.0.0.1:${portTwo}` }
const host = nodeHost({ clusterId: 'bank', listen: `127.0.0.1:${id === 'one' ? portOne : portTwo}` })
// A show: what is to survive a restart is kept by `fileStorage` of `@colony/raft/node`.
const raft = await createRaft({ id, members, host, storage: memoryStorage(), machine: lockTable() })
const locks = createLocks(raftBackend(raft))
// #endregion start

const owner = locks.owner({ name: id })
process.on('disconnect', () => process.exit())

process.on('message', (word) => void (word === 'take the first' ? takeFirst() : transfer()))

async function takeFirst(): Promise<void> {
  await owner.acquire(from)
  process.send?.(`${id} holds ${from} and wants ${to}`)
}

// #region transfer
async function transfer(): Promise<void> {
  let gaveWay = ''
  for (;;) {
    try {
      await owner.acquire(to)
      break
    } catch (error) {
      if (!(error instanceof LockError) || error.code !== 'LOCK_DEADLOCK') throw error
      // All its locks are gone, so that the other one goes on. From the beginning, and as old as before: nobody gives way for ever.
      gaveWay = ` after it gave way (${(error.cycle ?? []).map((step) => `${step.owner} waited for ${step.waitsFor}`).join(', ')})`
      await owner.acquire(from)
    }
  }
  process.send?.(`${id} has both${gaveWay}`)
  await owner.release()
}
// #endregion transfer

process.send?.('ready')
