import type { Mutant } from './mutant.ts'

/** Bugs in changes of members: whose voice counts, and when. */
export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    name: 'joint-needs-new-voters-only',
    breaks: 'while voters change, a majority of the new ones decides without the old (section 6)',
    file: 'core/configuration.ts',
    find: '    if (this.outgoing.length === 0) return reached\n',
    replace: '    if (this.outgoing.length >= 0) return reached\n',
  },
  {
    name: 'joint-elects-by-new-voters-only',
    breaks: 'while voters change, a majority of the new ones elects without the old (section 6)',
    file: 'core/configuration.ts',
    find: '(this.outgoing.length === 0 || isMajority(this.outgoing, has))',
    replace: '(this.outgoing.length >= 0 || isMajority(this.outgoing, has))',
  },
  {
    name: 'change-without-joint',
    breaks: 'voters are exchanged at once, so that old and new majorities need not share a node (figure 10)',
    file: 'core/membership-steps.ts',
    find: '  return { ...m, voters: goal.voters, outgoing: m.voters, learners }',
    replace: '  return reached(m, goal)',
  },
  {
    name: 'next-step-before-commit',
    breaks: 'the next step of a change is taken before the last one is committed',
    file: 'core/change-members.ts',
    find: 'return s.commitIsCurrent && s.memberships.latest.index <= s.commit',
    replace: 'return s.commitIsCurrent',
  },
  {
    name: 'change-in-a-term-without-commit',
    breaks: 'a new leader changes members before it has committed anything (the bug of 2015)',
    file: 'core/change-members.ts',
    find: 'return s.commitIsCurrent && s.memberships.latest.index <= s.commit',
    replace: 'return true',
  },
  {
    name: 'membership-survives-truncation',
    breaks: 'a membership whose entry was cut off goes on to count',
    file: 'core/state.ts',
    find: '    this.memberships.truncateFrom(index)\n',
    replace: '',
  },
  {
    name: 'membership-counts-when-committed',
    breaks: 'a node finds the memberships in its log only up to what it had committed when it starts',
    file: 'core/membership-log.ts',
    find: "    const entry = log.kindAt(at) === 'configuration' ? log.at(at) : undefined\n",
    replace: '    const entry = at <= index ? log.at(at) : undefined\n',
  },
  {
    name: 'voter-without-log',
    breaks: 'a new voter counts before it has caught up, so that commits wait for it (thesis 4.2.1)',
    file: 'core/membership-steps.ts',
    find: '  if (!newVoters(m).every(caughtUp)) return undefined\n',
    replace: '',
  },
  {
    name: 'removed-leader-stays',
    breaks: 'a leader that was removed leads on',
    file: 'core/change-members.ts',
    find: '  if (s.transfer === undefined) becomeFollower(s, s.term, undefined)',
    replace: '  if (s.now < 0) becomeFollower(s, s.term, undefined)',
  },
  {
    name: 'removed-leader-leaves-early',
    breaks: 'a leader steps down when it appends its own removal, not when that is committed (section 6)',
    file: 'core/change-members.ts',
    find: '  if (!canChangeMembers(s)) return\n  dismissRemoved(s)',
    replace:
      '  if (!s.configuration.isVoter(s.id)) return leave(s)\n  if (!canChangeMembers(s)) return\n  dismissRemoved(s)',
  },
  {
    name: 'removed-node-deposes',
    breaks: 'a node that was removed while it campaigned deposes leaders by its term',
    file: 'core/replication.ts',
    find: 'if (s.configuration.isMember(m.from)) becomeFollower(s, m.term, undefined)',
    replace: 'if (s.now > 0) becomeFollower(s, m.term, undefined)',
  },
  {
    name: 'removed-voter-gives-up',
    breaks:
      'a node stops campaigning when its removal is in its log, though nobody else may hold it (thesis 4.2.2)',
    file: 'core/election.ts',
    find: '(latest.index > s.commit && previous.configuration.isVoter(s.id))',
    replace: '(s.now < 0 && previous.configuration.isVoter(s.id))',
  },
  {
    name: 'change-resolves-when-appended',
    breaks: 'a change is taken for done though its entry was cut off with the leader that took it',
    file: 'runtime/member-changes.ts',
    find: 'if (record.index === pending.index && record.term === pending.term) {',
    replace: 'if (record.index <= pending.index) {',
  },
]
