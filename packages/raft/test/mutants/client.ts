import type { Mutant } from './mutant.ts'

/** Bugs in what clients get: reads that are too old, commands that take effect twice or never. */
export const CLIENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'read-without-quorum',
    breaks: 'a leader answers reads without asking whether it still leads',
    file: 'core/rounds.ts',
    find: '  s.readsQueued.push(id)\n',
    replace:
      '  s.readAnswers.push({ id, index: s.commit })\n  if (s.now > 0) return\n  s.readsQueued.push(id)\n',
  },
  {
    name: 'read-before-term-commit',
    breaks: 'a new leader answers reads before it knows what its predecessor had committed (section 8)',
    file: 'core/state.ts',
    find: "return this.role === 'leader' && this.commit >= this.termStart",
    replace: "return this.role === 'leader'",
  },
  {
    name: 'earlier-round-confirms-read',
    breaks: 'answers to a round that began before a read confirm it',
    file: 'core/reads.ts',
    find: 'if (round > s.confirmedRound) break',
    replace: 'if (round > s.confirmedRound + 1) break',
  },
  {
    name: 'read-before-applied',
    breaks: 'a confirmed read does not wait for the machine',
    file: 'runtime/reads.ts',
    find: 'this.#confirm(batch.reads, index)',
    replace: 'this.#confirm(batch.reads, 0)',
  },
  {
    name: 'forwarded-read-index-unverified',
    breaks: 'a forwarded read commits what was not compared with the log of the leader',
    file: 'core/raft-core.ts',
    find: 'Math.min(index, s.verified)',
    replace: 'Math.min(index, s.log.lastIndex)',
  },
  {
    name: 'freshness-from-arrival',
    breaks: 'a follower dates what it knows by when it arrived',
    file: 'core/following.ts',
    find: 'const echoed = m.echo - s.sentAtOrigin',
    replace: 'const echoed = s.now',
  },
  {
    name: 'freshness-ignores-quorum',
    breaks: 'a leader calls itself up to date although nobody has answered for long',
    file: 'core/append.ts',
    find: 'quorumAgeMs: s.commitIsCurrent ? Math.ceil(s.now - s.quorumAt) : -1,',
    replace: 'quorumAgeMs: 0,',
  },
  {
    name: 'freshness-although-behind',
    breaks: 'a follower calls itself up to date although it lacks entries',
    file: 'core/following.ts',
    find: 'echoed > s.now || s.commit < m.commit) return',
    replace: 'echoed > s.now) return',
  },
  {
    name: 'apply-key-twice',
    breaks: 'a command is applied again under the same idempotency key',
    file: 'runtime/applier.ts',
    find: 'const known = this.#state.keys.get(key)',
    replace: 'const known = undefined as RememberedResult | undefined',
  },
  {
    name: 'take-forward-twice',
    breaks: 'a leader takes every copy of a forwarded command for a new one',
    file: 'runtime/remote-proposals.ts',
    find: 'if (origin.answers.has(forward.request)) {',
    replace: 'if (this.#bytes < 0) {',
  },
  {
    name: 'answered-forward-taken-again',
    breaks: 'a copy of a forwarded command that comes after the answer was forgotten is taken for a new one',
    file: 'runtime/remote-proposals.ts',
    find: '    if (forward.request < origin.floor) return\n',
    replace: '',
  },
  {
    name: 'forward-of-an-earlier-term-taken',
    breaks: 'a copy of a command that was forwarded in an earlier term is taken',
    file: 'runtime/remote-proposals.ts',
    find: 'if (forward.term !== this.#ledTerm || !isProposal',
    replace: 'if (!isProposal',
  },
  {
    name: 'refuse-copy-of-appended',
    breaks: 'who led when a command was forwarded, and appended it, says later that it was not appended',
    file: 'runtime/remote-proposals.ts',
    find: 'if (forward.term !== this.#ledTerm || !isProposal(forward.data)) return',
    replace:
      "if (this.#route.role !== 'leader' || forward.term !== this.#route.term) { this.#send(from, forward, 'not-leader', 0, NO_RESULT); return }",
  },
  {
    name: 'answer-to-an-earlier-life',
    breaks: 'a restarted node takes the answer to a command of its earlier life',
    file: 'runtime/local-proposals.ts',
    find: 'if (proposal === undefined || reply.life !== this.#route.life) return',
    replace: 'if (proposal === undefined) return',
  },
  {
    name: 'settle-without-term',
    breaks: 'a proposer is told the result of whatever was committed in the place of its command',
    file: 'runtime/awaited-entries.ts',
    find: '  if (its) waiter.applied(index, outcome)',
    replace: '  if (index > 0) waiter.applied(index, outcome)',
  },
  {
    name: 'retry-unkeyed-after-unknown',
    breaks: 'a command without an idempotency key is tried again although it may have been applied',
    file: 'runtime/local-proposals.ts',
    find: 'if (proposal.keyed) {',
    replace: 'if (proposal.term >= 0) {',
  },
]
