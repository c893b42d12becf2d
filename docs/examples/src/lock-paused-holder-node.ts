/** One of the processes of `lock-paused-holder.ts`: a member of a group of three that takes a lock and writes under it. */
import { nodeHost } from '@colony/host/node'
import { createLocks, LockError, type Lock } from '@colony/lock'
import { lockTable, raftBackend, type RaftCapabilities } from '@colony/lock/raft'
import { createRaft, memoryStorage } from '@colony/raft'

const [id = 'one', ...ports] = process.argv.slice(2)
const names = ['one', 'two', 'three']
const members = Object.fromEntries(names.map((name, at) => [name, `tcp://127.0.0.1:${ports[at]}`]))
const host = nodeHost({ clusterId: 'reports', listen: `127.0.0.1:${ports[names.indexOf(id)]}` })
const raft = await createRaft({ id, members, host, storage: memoryStorage(), machine: lockTable() })
const locks = createLocks(raftBackend(raft), { ttl: 1000 })
let lock: Lock<RaftCapabilities>

process.on('disconnect', () => process.exit())
process.on('message', (word) => {
  if (word === 'take') void take()
  if (word === 'write') write()
  if (word === 'look') look()
})

// #region holder
async function take(): Promise<void> {
  lock = await locks.acquire('report', { autoExtend: true })
  process.send?.(`${id} has the lock`)
}

/** Careless: it does not look whether the lock is still held. Its token goes along with the effect. */
function write(): void {
  process.send?.({ by: id, token: String(lock.fencingToken) })
}

function look(): void {
  try {
    lock.assertHeld()
    process.send?.(`${id} looks: it holds the lock`)
  } catch (error) {
    process.send?.(`${id} looks: ${error instanceof LockError ? error.code : String(error)}`)
  }
}
// #endregion holder

process.send?.('ready')
