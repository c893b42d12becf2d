import { COMPLAINTS } from './complaints.ts'
import type { Chapter, Missing } from './feature.ts'
import { GROUPS } from './groups.ts'
import { LEADERSHIP } from './leadership.ts'
import { MEMBERS } from './members.ts'
import { OPERATIONS } from './operations.ts'
import { PROOF } from './proof.ts'
import { CLIENTS } from './reads.ts'
import { REPLICATION } from './replication.ts'
import { SNAPSHOTS } from './snapshots.ts'
import { STORAGE } from './storage.ts'
import { TROUBLE } from './trouble.ts'

/** Every table of the page, in its order. */
export const CHAPTERS: readonly Chapter[] = [
  LEADERSHIP,
  REPLICATION,
  MEMBERS,
  CLIENTS,
  SNAPSHOTS,
  STORAGE,
  TROUBLE,
  GROUPS,
  OPERATIONS,
  PROOF,
  { title: 'What people complain of elsewhere', features: COMPLAINTS },
]

/** What people look for and do not find here yet. */
export const MISSING: readonly Missing[] = [
  {
    name: 'Witnesses (voters without data)',
    instead: 'The formats have room for them. Three small nodes are the next best thing to two and a half.',
  },
]
