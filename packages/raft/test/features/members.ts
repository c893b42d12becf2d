import type { Chapter } from './feature.ts'

/** Who takes part. */
export const MEMBERS: Chapter = {
  title: 'Members',
  features: [
    {
      name: 'Joint consensus',
      does: 'Any set of voters to any other, at once: in between, every decision needs a majority of both.',
      use: '`raft.members.set([…])`',
      tests: [
        'a change of members > needs both majorities while it is joint, and says so to reads and check-quorum',
        'members > all of them are exchanged at once',
        'transcripts > joint consensus',
      ],
      called: 'joint',
    },
    {
      name: 'One server at a time',
      does: 'Adding or removing one takes the same way over the joint membership, so there is one path to get right. The bug of 2015 has no place in it.',
      use: '`raft.members.add(id)`, `.remove(id)`',
      tests: [
        'the way to a goal > of a single server is the same, over the joint membership',
        'transcripts > two changes at once',
      ],
      called: 'single server',
    },
    {
      name: 'Learners',
      does: 'Receive everything and have no vote: for reads nearby, or to be ready.',
      use: "`raft.members.add(id, address, { role: 'learner' })`",
      tests: [
        'members > a learner receives everything and has no vote',
        'a change of members > learners do not count: neither for commits nor for elections',
      ],
      called: 'learner',
    },
    {
      name: 'Promotion when caught up',
      does: 'A new voter learns first, and gets its vote by itself when it is within a batch of the end of the log.',
      use: '`raft.members.add(id, address)`',
      tests: [
        'a change of members > promotes nobody that is far behind or silent, and whoever has caught up by itself',
        'members > a node that joins is added by a call at %s and takes part',
      ],
      called: 'promotes',
    },
    {
      name: 'Replacing, and goals',
      does: 'Every change is a goal in the log: whoever leads works towards it, so a change outlives its leader and its caller and may be repeated.',
      use: '`raft.members.replace(old, new)`, `raft.members.list().goal`',
      tests: [
        'members > a dead node is replaced by a new one',
        'members > a change goes on when the leader is lost',
      ],
      called: 'replaced',
    },
    {
      name: 'A removed leader',
      does: 'Leads until its removal is committed, does not count itself, hands over and follows. Whoever was removed hears of it, and disturbs nobody if it could not.',
      use: '`raft.members.remove(id)`; event `removed`',
      tests: [
        'a leader that removes itself > leads until that is committed without its own vote, then hands over',
        'a node that was removed > and could not hear of it disturbs nobody, and is told as soon as it asks',
        'transcripts > removed servers',
      ],
      called: 'removed',
    },
    {
      name: 'Wiped nodes',
      does: 'Every storage has a random incarnation, and the membership says which one votes. A node that lost its data is to the others a server that died: what it says counts for nothing, and it comes back by itself, as a learner first.',
      use: 'automatic; `wipedNodes`',
      tests: [
        'a wiped voter > elects nobody who lacks what it had acknowledged',
        'a wiped node > is recognised, told of, and brought back as a learner and a voter',
      ],
      called: 'wiped',
    },
    {
      name: 'Removed nodes are remembered',
      does: 'Also in snapshots, so that any later leader tells a node that comes back with old data.',
      use: '`status().membership`, event `removed`',
      tests: [
        'a removed node > is remembered, told by any later leader without the log, and forgotten when it is added',
        'a removed node > that comes back with old data is told so, by another leader, when only a snapshot knows of it',
      ],
      called: 'remembered',
    },
    {
      name: 'Sums of quorums',
      does: 'How many must agree, how many may fail. An even number of voters is allowed and reported, with the reason.',
      use: '`quorumSize(n)`, `toleratedFailures(n)`, `raft.members.list().toleratedFailures`',
      tests: [
        'joint quorums > share a node with every quorum before and after',
        'members > tell of each step, of even numbers with the reason, and of lists that differ',
      ],
      called: 'quorums',
    },
    {
      name: 'Addresses that change',
      does: 'Ids say who, addresses where. They travel with the membership, and all of them may change, also while everything is down.',
      use: '`raft.members.set(ids, { addresses })`, `members` at a start',
      tests: [
        'addresses > of members travel with the membership, and all of them can change',
        'addresses > given at a start count until the group is told others',
      ],
      called: 'addresses',
    },
  ],
}
