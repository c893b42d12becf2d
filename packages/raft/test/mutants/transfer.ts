import type { Mutant } from './mutant.ts'

/** Bugs in handing leadership over, and in what is told of leadership. */
export const TRANSFER_MUTANTS: readonly Mutant[] = [
  {
    name: 'transfer-before-caught-up',
    breaks: 'a leader tells its successor to campaign before that holds everything (thesis 3.10)',
    file: 'core/transfer.ts',
    find: 'if (progress.match !== s.log.lastIndex) return',
    replace: 'if (progress.match < 0) return',
  },
  {
    name: 'transfer-to-what-was-sent',
    breaks: 'a leader takes what it has sent to its successor for what that has on disk',
    file: 'core/transfer.ts',
    find: 'if (progress.match !== s.log.lastIndex) return',
    replace: 'if (progress.next <= s.log.lastIndex) return',
  },
  {
    name: 'transfer-never-given-up',
    breaks: 'a leader waits for ever for a successor that does not come',
    file: 'core/transfer.ts',
    find: 'if (s.now >= transfer.deadline || progress === undefined)',
    replace: 'if (progress === undefined)',
  },
  {
    name: 'transfer-skips-log-check',
    breaks: 'whoever campaigns at the word of a leader gets votes whatever its log lacks (5.4.1)',
    file: 'core/election.ts',
    find: 'const granted = free && s.leader === undefined && isUpToDate(s, m.lastTerm, m.lastIndex)',
    replace:
      'const granted = free && s.leader === undefined && (m.transfer === true || isUpToDate(s, m.lastTerm, m.lastIndex))',
  },
  {
    name: 'transfer-respects-stickiness',
    breaks: 'followers refuse the successor that their leader chose, since they hear that leader',
    file: 'core/election.ts',
    find: 'if (!counts || m.term < s.term || (m.transfer !== true && hearsLeader(s))) {',
    replace: 'if (!counts || m.term < s.term || hearsLeader(s)) {',
  },
  {
    name: 'every-election-is-a-transfer',
    breaks: 'candidates claim that the leader asked for them, which overrides stickiness and leases',
    file: 'core/election.ts',
    find: 'const mark = transfer === undefined ? undefined : { transfer }',
    replace: 'const mark = { transfer: true } as const',
  },
  {
    name: 'order-of-an-earlier-term-obeyed',
    breaks: 'a node campaigns at the word of a leader of an earlier term',
    file: 'core/election.ts',
    find: "if (m.term !== s.term || (s.role !== 'follower'",
    replace: "if (m.term > s.term || (s.role !== 'follower'",
  },
  {
    name: 'lease-outlives-transfer',
    breaks: 'a leader reads under its lease after it told another to campaign',
    file: 'core/transfer.ts',
    find: '  endLeases(s)\n',
    replace: '',
  },
  {
    name: 'leadership-told-before-first-commit',
    breaks: 'onLeadership calls back before the term has a committed entry',
    file: 'core/raft-core.ts',
    find: 'return readsMayStart(this.#state)',
    replace: "return this.#state.role === 'leader' && this.#state.transfer === undefined",
  },
  {
    name: 'leadership-signal-never-aborts',
    breaks: 'the signal of onLeadership goes on when the node steps down',
    file: 'runtime/leaderships.ts',
    find: 'for (const { controller } of registrations) controller?.abort(ended(reason))',
    replace:
      'for (const { controller } of registrations) if (term !== undefined) controller?.abort(ended(reason))',
  },
  {
    name: 'leadership-outlasts-transfer',
    breaks: 'the signal of onLeadership aborts only after the successor may lead',
    file: 'core/raft-core.ts',
    find: 'return readsMayStart(this.#state)',
    replace: 'return this.#state.commitIsCurrent',
  },
]
