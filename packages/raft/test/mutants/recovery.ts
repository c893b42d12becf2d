import type { Mutant } from './mutant.ts'

/** Bugs in what a node does when its disk has lost something, or has no room. */
export const RECOVERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'lost-entries-forgotten-in-votes',
    breaks: 'a node that lost entries elects whoever has as much as it has left',
    file: 'core/lost-entries.ts',
    find: 'return s.lost !== undefined && isEarlierEnd(end, s.lost) ? s.lost : end',
    replace: 'return end',
  },
  {
    name: 'lost-entries-candidate',
    breaks: 'a node that lost entries stands for election',
    file: 'core/election.ts',
    find: 's.lost !== undefined || ',
    replace: '',
  },
  {
    name: 'lost-acknowledgement-kept',
    breaks: 'a leader believes for ever that a follower holds what its disk has lost',
    file: 'core/replication.ts',
    find: 'if (!m.success && isNews) noteLoss(s, progress, m)',
    replace: 'void noteLoss',
  },
  {
    name: 'former-end-of-known-entries',
    breaks: 'how far a damaged log had reached is told from what can be read of it',
    file: 'storage/log/gapped-replay.ts',
    find: 'const lost = laterEnd(this.#latest, this.#gap ? this.#end : undefined)',
    replace: 'const lost = undefined as LogEnd | undefined',
  },
  {
    name: 'full-disk-acknowledges',
    breaks: 'when a term is written ahead on a full disk, the entries before it count as written',
    file: 'runtime/group-commit.ts',
    find: '      this.#fullDisk?.promised()\n      return\n',
    replace: '',
  },
  {
    name: 'damaged-segment-goes-on',
    breaks:
      'a node that lost entries goes on in the damaged segment, where a crash cannot be told from damage: it starts no more',
    file: 'storage/log/log-writer.ts',
    find: 'this.#beginsAnew = recovered.damage !== undefined',
    replace: 'this.#beginsAnew = false',
  },
  {
    name: 'lost-entries-regained-too-soon',
    breaks: 'a node believes to have again what it lost when it has as many entries, of whatever term',
    file: 'core/lost-entries.ts',
    find: 'isEarlierEnd({ index: log.lastIndex, term: log.lastTerm }, lost)',
    replace: 'log.lastIndex < lost.index',
  },
]
