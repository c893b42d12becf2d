import type { Chapter } from './feature.ts'

/** Thousands of groups beside each other. */
export const GROUPS: Chapter = {
  title: 'Many groups',
  features: [
    {
      name: 'Many groups in one process',
      does: 'One channel and one set of connections for all of them; each has its own leader, log and members.',
      use: '`createRaftGroups({ … })`, `groups.create({ group, … })`',
      tests: [
        'many groups in one process > each elects its own leader and keeps its own log',
        'many groups in one process > one that is closed and created again goes on where it was',
      ],
    },
    {
      name: 'One log for all groups',
      does: 'What all groups of a node write at one moment is one write and one sync.',
      use: '`fileGroupStorage(directory)`',
      tests: [
        'the log of many groups survives crashes, kills and failing operations at random moments (${seeds.length} seeds)',
        'a short history of several groups survives a crash at every single moment, each in many ways',
      ],
      called: 'the log of many groups',
    },
    {
      name: 'Coalesced heartbeats',
      does: 'What all groups say to a node at one moment is one frame.',
      use: 'automatic',
      tests: [
        'many groups in one process > what all groups say to a node at one moment is one frame: heartbeats cost a frame a pair of nodes, however many groups there are',
      ],
      called: 'heartbeats',
    },
    {
      name: 'Quiet groups',
      does: 'An idle group sends nothing at all and keeps its leader; a command, a read or a lost node wakes it.',
      use: 'automatic among groups',
      tests: [
        'a quiet group > an idle group falls silent: no heartbeat, no election timer, and the same leader after an hour',
        'many groups in one process > idle groups are quiet: the nodes send signs of life and nothing else, and every group keeps its leader',
        'many groups in one process > when the node of a quiet group’s leader dies, another one leads within the usual time',
      ],
      called: 'quiet group',
    },
  ],
}
