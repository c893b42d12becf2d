import type { Mutant } from './mutant.ts'

/** Bugs in how the log is copied and committed. */
export const REPLICATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'full-window-stays-full',
    breaks: 'a window that was full once is never looked at again',
    file: 'core/inflight-batches.ts',
    find: '      this.#full = false\n',
    replace: '',
  },
  {
    name: 'commit-old-term-by-counting',
    breaks: 'an entry of an earlier term is committed because a quorum holds it (5.4.2, figure 8)',
    file: 'core/replication.ts',
    find: 'if (reached <= s.commit || s.log.termAt(reached) !== s.term) return',
    replace: 'if (reached <= s.commit) return',
  },
  {
    name: 'follower-commits-unverified',
    breaks: 'a follower commits what it has not compared with the log of the leader',
    file: 'core/following.ts',
    find: 'const commit = Math.min(m.commit, s.verified)',
    replace: 'const commit = Math.min(m.commit, s.log.lastIndex)',
  },
  {
    name: 'trust-own-log-in-new-term',
    breaks: 'what was compared with the last leader counts as compared with the next',
    file: 'core/roles.ts',
    find: '    s.verified = s.commit\n',
    replace: '',
  },
  {
    name: 'keep-conflicting-entries',
    breaks: 'entries that contradict the leader stay',
    file: 'core/following.ts',
    find: '      s.truncateFrom(index)\n    }\n    s.append(entry)',
    replace: '      continue\n    }\n    s.append(entry)',
  },
  {
    name: 'old-append-cuts-newer-entries',
    breaks: 'a message that comes late or twice drops what came after it (5.3)',
    file: 'core/following.ts',
    find: 'if (known === entry.term) continue',
    replace: 'if (known === entry.term && index <= s.commit) continue',
  },
  {
    name: 'follow-stale-leader',
    breaks: 'a follower obeys a leader of an earlier term',
    file: 'core/following.ts',
    find: '  if (m.term < s.term) {',
    replace: '  if (m.term < s.term && s.now < 0) {',
  },
  {
    name: 'heartbeat-repairs-nothing',
    breaks: 'heartbeats name an entry that the follower surely has, so nobody finds out what was lost',
    file: 'core/append.ts',
    find: "const prevIndex = progress.state === 'snapshot' ? 0 : progress.next - 1",
    replace: 'const prevIndex = entries.length === 0 ? 0 : progress.next - 1',
  },
  {
    name: 'skip-an-entry-on-retry',
    breaks: 'after a refusal the leader tries again one entry too late',
    file: 'core/progress.ts',
    find: 'this.next = Math.max(next, this.match + 1)',
    replace: 'this.next = Math.max(next, this.match + 1) + 1',
  },
  {
    name: 'leader-never-goes-back',
    breaks: 'after a refusal the leader sends the same again',
    file: 'core/replication.ts',
    find: 'progress.probeFrom(Math.min(refused, agreed + 1))',
    replace: 'progress.probeFrom(refused + 1)',
  },
  {
    name: 'stored-entries-survive-truncation',
    breaks: 'entries that a restarted node found in its storage stay behind where a leader cuts them off',
    file: 'core/log.ts',
    find: '    this.#packed.length = index - this.#packedFrom\n',
    replace: '',
  },
]
