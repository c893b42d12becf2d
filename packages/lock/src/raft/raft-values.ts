import type { ValueStore, VersionedValue } from '../value-store.ts'
import { type Group, propose } from './group.ts'
import type { ReplicatedTable } from './replicated-table.ts'

/** Values beside the locks, linearizable like these. A version is the index of the entry that wrote it, which no other write ever has. */
export function raftValues(group: Group, table: () => Promise<ReplicatedTable>): ValueStore {
  return {
    async read(key: string): Promise<VersionedValue | undefined> {
      const replica = await table()
      const { value } = await group.raft.read(() => replica.value(key), { timeoutMs: group.timeoutMs })
      return value && { text: value.text, version: String(value.version) }
    },
    async write(key, expected, text): Promise<boolean> {
      await table()
      const version = expected === undefined ? 0 : Number(expected)
      const command = { op: 'write', key, expected: version, ...(text !== undefined && { text }) } as const
      const { answer } = await propose(group, command)
      return answer.is === 'done'
    },
  }
}
