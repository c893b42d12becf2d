import { CLIENT_MUTANTS } from './client.ts'
import { DURABILITY_MUTANTS } from './durability.ts'
import { ELECTION_MUTANTS } from './election.ts'
import { MEMBERSHIP_MUTANTS } from './membership.ts'
import type { Mutant } from './mutant.ts'
import { READ_MUTANTS } from './reads.ts'
import { REPLICATION_MUTANTS } from './replication.ts'
import { SNAPSHOT_MUTANTS } from './snapshots.ts'
import { SESSION_MUTANTS } from './sessions.ts'
import { TRANSFER_MUTANTS } from './transfer.ts'

/** Every planted bug. `docs/mutation-table.md` says how soon the simulation finds each; `pnpm mutants` writes it anew. */
export const MUTANTS: readonly Mutant[] = [
  ...ELECTION_MUTANTS,
  ...REPLICATION_MUTANTS,
  ...DURABILITY_MUTANTS,
  ...CLIENT_MUTANTS,
  ...TRANSFER_MUTANTS,
  ...READ_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...SNAPSHOT_MUTANTS,
  ...SESSION_MUTANTS,
]
