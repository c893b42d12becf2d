import type { Mutant } from './mutant.ts'

/** Bugs in what is promised before, or without, being on disk. */
export const DURABILITY_MUTANTS: readonly Mutant[] = [
  {
    name: 'ack-before-fsync',
    breaks: 'a follower acknowledges entries that are not on its disk yet',
    file: 'core/following.ts',
    find: 'index: Math.min(s.stable, s.verified),',
    replace: 'index: s.verified,',
  },
  {
    name: 'leader-counts-itself-undurable',
    breaks: 'a leader counts its own copy before it is on disk',
    file: 'core/replication.ts',
    find: 'voter === s.id ? s.stable :',
    replace: 'voter === s.id ? s.log.lastIndex :',
  },
  {
    name: 'truncate-keeps-stable',
    breaks: 'what replaces durable entries counts as durable at once',
    file: 'core/state.ts',
    find: 'if (this.stable >= index) this.stable = index - 1',
    replace: 'void 0',
  },
  {
    name: 'truncate-keeps-writes-in-flight',
    breaks: 'a write under way counts for the entries that replaced what it writes',
    file: 'core/state.ts',
    find: 'for (const record of this.unstable) if (record.lastIndex >= index) record.lastIndex = index - 1',
    replace: 'void 0',
  },
  {
    name: 'stable-jumps-to-end-of-log',
    breaks: 'one finished write makes all that was appended since count as durable',
    file: 'core/state.ts',
    find: 'if (record.lastIndex > this.stable) this.stable = record.lastIndex',
    replace: 'this.stable = this.log.lastIndex',
  },
  {
    name: 'durable-before-write',
    breaks: 'a write counts as finished when it begins',
    file: 'runtime/group-commit.ts',
    find: '    this.#writing = this.#write(',
    replace:
      '    this.#promisedSequence = sequence\n    this.#durable(sequence)\n    this.#writing = this.#write(',
  },
  {
    name: 'failed-write-counts-as-durable',
    breaks: 'a write that the disk refused counts as finished',
    file: 'runtime/group-commit.ts',
    find: '      this.#writing = undefined\n      if (isFull(error) && this.#fullDisk !== undefined) return this.#keep(record, sequence, promisesOnly)\n      this.#broken = true\n      this.#failed(error)\n      return\n',
    replace: '      void error\n',
  },
  {
    name: 'held-messages-not-held',
    breaks: 'messages that promise something do not wait for the disk',
    file: 'runtime/group-commit.ts',
    find: 'if (sequence <= this.#promisedSequence) return false',
    replace: 'if (sequence >= 0) return false',
  },
  {
    name: 'merged-writes-keep-what-was-replaced',
    breaks: 'entries that a later record of the same write replaces are written all the same',
    file: 'core/step.ts',
    find: '      entries.length = 0\n',
    replace: '',
  },
  {
    name: 'log-writes-not-durable',
    breaks: 'records are written to the cache only',
    file: 'storage/log/log-writer.ts',
    find: 'writeDurable(',
    replace: 'write(',
  },
  {
    name: 'new-segment-name-not-durable',
    breaks: 'the name of a new segment is lost when the power fails',
    file: 'storage/log/segment-file.ts',
    find: '  await disk.rename(temporary, path)\n  await disk.syncDirectory(directory)\n',
    replace: '  await disk.rename(temporary, path)\n',
  },
  {
    name: 'torn-record-accepted',
    breaks: 'a record of which a crash left a part is read as if it were whole',
    file: 'storage/log/record-reader.ts',
    find: 'return this.#crc(this.#payload(header), header.position) === header.payloadChecksum',
    replace: 'return true',
  },
  {
    name: 'append-behind-torn-tail',
    breaks: 'after a crash the log goes on behind what an interrupted write left, where nothing is ever read',
    file: 'storage/log/log-writer.ts',
    find: 'this.#position = recovered.tail.position',
    replace: 'this.#position = recovered.torn?.to ?? recovered.tail.position',
  },
  {
    name: 'cached-record-taken-for-durable',
    breaks: 'a record that a killed process left in the cache counts as durable at the next start',
    file: 'storage/log/open-log.ts',
    find: '  if (tail.lastWrite === tail.position) return',
    replace: '  if (tail.lastWrite <= tail.position) return',
  },
]
