import type { Mutant } from './mutant.ts'

/** Bugs in elections: who may lead, and when. */
export const ELECTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'minority-is-a-quorum',
    breaks: 'two of five, or one of three, count as a majority',
    file: 'core/configuration.ts',
    find: 'return Math.floor(voters / 2) + 1',
    replace: 'return Math.max(1, Math.floor(voters / 2))',
  },
  {
    name: 'vote-twice',
    breaks: 'a node votes for everybody who asks in a term',
    file: 'core/election.ts',
    find: "const free = s.vote === '' || s.vote === m.from",
    replace: 'const free = true',
  },
  {
    name: 'vote-forgotten-in-its-own-term',
    breaks: 'hearing of a leader of the current term frees the vote',
    file: 'core/roles.ts',
    find: 'if (term > s.term) {',
    replace: 'if (term >= s.term) {',
  },
  {
    name: 'vote-answer-before-durable',
    breaks: 'a vote is given before it is on disk',
    file: 'core/election.ts',
    find: 's.sendAfterPersist.push({ ...answer, incarnation, candidate })',
    replace: 's.send.push({ ...answer, incarnation, candidate })',
  },
  {
    name: 'vote-request-before-durable',
    breaks: 'a candidate asks for votes before its own vote is on disk',
    file: 'core/election.ts',
    find: 's.sendAfterPersist.push({ ...request, incarnation })',
    replace: 's.send.push({ ...request, incarnation })',
  },
  {
    name: 'vote-for-shorter-log',
    breaks: 'a candidate that lacks committed entries is voted for (5.4.1)',
    file: 'core/election.ts',
    find: 'return !isEarlierEnd({ index: lastIndex',
    replace: 'return s.now > 0 || !isEarlierEnd({ index: lastIndex',
  },
  {
    name: 'forget-vote',
    breaks: 'the vote is not in the record that is written',
    file: 'core/state.ts',
    find: 'return { term: this.term, vote: this.vote, firstIndex, entries }',
    replace: "return { term: this.term, vote: '', firstIndex, entries }",
  },
  {
    name: 'forget-term',
    breaks: 'a new term and vote alone are not written',
    file: 'core/state.ts',
    find: 'const hardStateChanged = this.term !== this.#persistedTerm || this.vote !== this.#persistedVote',
    replace: 'const hardStateChanged = false',
  },
  {
    name: 'no-pre-vote',
    breaks:
      'a node that was cut off raises the term and deposes a working leader when it is back (thesis 9.6)',
    file: 'core/election.ts',
    find: '  if (hasQuorumOfVotes(s)) {\n    campaign(s)\n    return\n  }\n  const',
    replace: '  if (s.now > 0) {\n    campaign(s)\n    return\n  }\n  const',
  },
  {
    name: 'no-stickiness',
    breaks: 'nodes that hear a leader help to depose it',
    file: 'core/election.ts',
    find: 'return s.leader !== undefined && s.now - s.leaderHeardAt < s.options.electionTimeoutMs',
    replace: 'return false',
  },
  {
    name: 'no-check-quorum',
    breaks: 'a leader that nobody answers goes on leading (thesis 6.2)',
    file: 'core/rounds.ts',
    find: 'if (s.now - Math.max(heardAt, askedAt, s.quiet.awakeSince) > s.options.electionTimeoutMs) {',
    replace: 'if (s.now < 0) {',
  },
  {
    name: 'leader-ignores-higher-term',
    breaks: 'a leader takes no notice of followers that have gone on to a later term',
    file: 'core/replication.ts',
    find: 'if (s.configuration.isMember(m.from)) becomeFollower(s, m.term, undefined)',
    replace: 'if (s.now < 0) becomeFollower(s, m.term, undefined)',
  },
  {
    name: 'campaign-from-timer',
    breaks:
      'a node that was stalled asks for an election before it reads the heartbeats that wait in its inbox',
    file: 'runtime/wake-timer.ts',
    find: 'else this.#clock.afterInput(() => this.#due())',
    replace: 'else this.#due()',
  },
]
