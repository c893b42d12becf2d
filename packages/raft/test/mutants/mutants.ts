import { CLIENT_MUTANTS } from './client.ts'
import { DURABILITY_MUTANTS } from './durability.ts'
import { ELECTION_MUTANTS } from './election.ts'
import { INCARNATION_MUTANTS } from './incarnations.ts'
import { GROUPS_MUTANTS } from './groups.ts'
import { MEMBERSHIP_MUTANTS } from './membership.ts'
import type { Mutant } from './mutant.ts'
import { READ_MUTANTS } from './reads.ts'
import { RECOVERY_MUTANTS } from './recovery.ts'
import { REPLICATION_MUTANTS } from './replication.ts'
import { SNAPSHOT_MUTANTS } from './snapshots.ts'
import { SESSION_MUTANTS } from './sessions.ts'
import { TRANSFER_MUTANTS } from './transfer.ts'

/** What they are planted into, and every planted bug of it. */
export const PARTS: readonly { readonly part: string; readonly mutants: readonly Mutant[] }[] = [
  { part: 'elections', mutants: ELECTION_MUTANTS },
  { part: 'replication', mutants: REPLICATION_MUTANTS },
  { part: 'persistence', mutants: DURABILITY_MUTANTS },
  { part: 'clients', mutants: CLIENT_MUTANTS },
  { part: 'transfer', mutants: TRANSFER_MUTANTS },
  { part: 'reads and leases', mutants: READ_MUTANTS },
  { part: 'members', mutants: MEMBERSHIP_MUTANTS },
  { part: 'snapshots', mutants: SNAPSHOT_MUTANTS },
  { part: 'sessions', mutants: SESSION_MUTANTS },
  { part: 'wiped nodes', mutants: INCARNATION_MUTANTS },
  { part: 'damaged and full disks', mutants: RECOVERY_MUTANTS },
  { part: 'many groups in one process', mutants: GROUPS_MUTANTS },
]

/** Every planted bug. `docs/mutation-table.md` says how soon the simulation finds each; `pnpm mutants` writes it anew. */
export const MUTANTS: readonly Mutant[] = PARTS.flatMap(({ mutants }) => mutants)
