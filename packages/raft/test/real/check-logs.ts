import { join } from 'node:path'
import { jsonCodec, type NodeId } from '@colony/host'
import { fileStorage } from '../../src/node/index.ts'
import { decodeCommandEntry } from '../../src/runtime/command-entry.ts'
import type { Entry, LogIndex } from '../../src/index.ts'
import type { KeptLog, NodeDump, Problems } from './evidence.ts'
import type { Command } from './journal-machine.ts'

/** Reads what the disks of nodes hold that were killed. */
export async function readLogs(
  directory: string,
  voters: readonly NodeId[],
  clusterId: string,
): Promise<KeptLog[]> {
  const reading = voters.map(async (node): Promise<KeptLog> => {
    const storage = await fileStorage(join(directory, node))
    try {
      const identity = { clusterId, group: 'default', nodeId: node, voters: voters.toSorted() }
      const { firstIndex, entries } = await storage.open(identity)
      return { node, firstIndex, entries }
    } finally {
      await storage.close()
    }
  })
  return await Promise.all(reading)
}

/**
 * What all machines have applied stands the same in all logs, as far as it was not cut off, and the journal is what the log says; beyond that, entries of one index and one term are
 * the same, and so is all before them (log matching, figure 3 of the paper).
 */
export function checkLogs(logs: readonly KeptLog[], dump: NodeDump, problems: Problems): void {
  const journal = new Map(dump.journal)
  for (const log of logs) checkCommands(log, journal, dump.index, problems)
  for (const [at, one] of logs.entries()) {
    for (const other of logs.slice(at + 1)) checkMatch(one, other, dump.index, problems)
  }
}

function checkCommands(
  log: KeptLog,
  journal: ReadonlyMap<LogIndex, string>,
  applied: LogIndex,
  problems: Problems,
): void {
  if (endOf(log) < applied)
    problems.add('logs', `${log.node} has only ${endOf(log)} of the ${applied} entries that it had applied`)
  log.entries.forEach((entry, place) => {
    const index = log.firstIndex + place
    if (index > applied) return
    const id = entry.kind === 'command' ? idIn(entry) : undefined
    const written = journal.get(index)
    // A retry that was recognised by its key stands in the log, and not in the journal.
    if (written !== undefined && id !== written)
      problems.add('logs', `${log.node} has ${id} at ${index}, the journal ${written}`)
  })
}

function checkMatch(one: KeptLog, other: KeptLog, applied: LogIndex, problems: Problems): void {
  let matching = false
  for (let index = Math.min(endOf(one), endOf(other)); ; index--) {
    const left = one.entries[index - one.firstIndex]
    const right = other.entries[index - other.firstIndex]
    if (left === undefined || right === undefined) return
    const same = left.term === right.term
    matching ||= same || index <= applied
    if (!matching || (same && left.kind === right.kind && sameBytes(left.data, right.data))) continue
    problems.add('logs', `${one.node} and ${other.node} have different entries at ${index}`)
    return
  }
}

function idIn({ data }: Entry): string | undefined {
  const decoded = decodeCommandEntry(data)
  if (!decoded.ok || !('command' in decoded.value)) return undefined
  return jsonCodec<Command>().decode(decoded.value.command).id
}

function endOf({ firstIndex, entries }: KeptLog): LogIndex {
  return firstIndex - 1 + entries.length
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
