import { DETECTION_MUTANTS } from './detection-bugs.ts'
import { LIFE_MUTANTS } from './life-bugs.ts'
import { MEMBER_MUTANTS } from './members.ts'
import type { Mutant } from './mutant.ts'
import { STATE_MUTANTS } from './state-bugs.ts'

/** What they are planted into, and every planted bug of it. */
export const PARTS: readonly { readonly part: string; readonly mutants: readonly Mutant[] }[] = [
  { part: 'members', mutants: MEMBER_MUTANTS },
  { part: 'failure detection', mutants: DETECTION_MUTANTS },
  { part: 'comings and goings', mutants: LIFE_MUTANTS },
  { part: 'state and messages', mutants: STATE_MUTANTS },
]

/** Every planted bug. `docs/gossip-mutation-table.md` says how soon the simulation finds each; `pnpm gossip:mutants` writes it anew. */
export const MUTANTS: readonly Mutant[] = PARTS.flatMap(({ mutants }) => mutants)
