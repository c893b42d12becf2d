import type { Mutant } from './mutant.ts'

/** Bugs in what is made of nodes that lost their data. */
export const INCARNATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'counts-wiped-acknowledgements',
    breaks: 'what a wiped voter acknowledges counts for the voter that it was',
    file: 'core/replication.ts',
    find: 'if (incarnation !== progress.incarnation && !takeIncarnation(s, m.from, incarnation, progress)) return',
    replace: 'if (incarnation !== progress.incarnation) takeIncarnation(s, m.from, incarnation, progress)',
  },
  {
    name: 'counts-wiped-votes',
    breaks:
      'a wiped voter elects leaders, though it has forgotten what it had acknowledged and for whom it voted',
    file: 'core/election.ts',
    find: '  if (!noteIncarnation(s, from, incarnation)) return false\n  if (incarnation > 0 || !s.votes.has(from)) s.votes.set(from, incarnation)\n',
    replace:
      '  noteIncarnation(s, from, incarnation)\n  s.votes.set(from, s.configuration.incarnationOf(from) || incarnation)\n',
  },
  {
    name: 'founded-by-a-majority',
    breaks:
      'the first leader needs the votes of a majority of the founders only, of whom one may have been wiped',
    file: 'core/election.ts',
    find: 'electorate.every((voter) => (s.votes.get(voter) ?? 0) > 0)',
    replace: 's.configuration.isQuorum((voter) => (s.votes.get(voter) ?? 0) > 0)',
  },
  {
    name: 'snapshot-forgets-incarnations',
    breaks: 'the membership of a snapshot does not say with which data voters vote',
    file: 'runtime/snapshots/snapshot-wire.ts',
    find: 'writer.bytes(encodeMembership(m.membership))',
    replace: 'writer.bytes(encodeMembership({ ...m.membership, incarnations: new Map() }))',
  },
  {
    name: 'wiped-voter-votes-at-once',
    breaks: 'a wiped voter is out of the voters for one step only, and votes before it has caught up',
    file: 'core/membership-steps.ts',
    find: 'outgoing: [], learners: sortedIds([...m.learners, ...returning]) }',
    replace: 'outgoing: [], voters: sortedIds([...m.voters, ...returning]) }',
  },
  {
    name: 'wiped-node-catches-up-by-its-past',
    breaks: 'what a node had acknowledged before it was wiped counts for its catching up',
    file: 'core/change-members.ts',
    find: 'next.incarnations?.has(id) !== true) forget(s, id)',
    replace: 'next.incarnations?.has(id) !== true) s.incarnations.heard.delete(id)',
  },
]
