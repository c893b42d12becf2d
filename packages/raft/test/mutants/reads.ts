import type { Mutant } from './mutant.ts'

/** Bugs in reads that cost less than a round: under leases, of bounded age, after an index. */
export const READ_MUTANTS: readonly Mutant[] = [
  {
    name: 'lease-from-receipt',
    breaks: 'a lease runs from when the answers came, not from when the round was sent (thesis 6.4.1)',
    file: 'core/lease.ts',
    find: 's.leaseFrom = s.quorumAt',
    replace: 's.leaseFrom = s.now',
  },
  {
    name: 'lease-ignores-drift',
    breaks: 'a lease holds for as long as the promise on clocks of equal rates',
    file: 'core/lease.ts',
    find: 's.leaseMs * (1 - maxClockDrift)',
    replace: 's.leaseMs * Math.sign(maxClockDrift)',
  },
  {
    name: 'lease-without-end',
    breaks: 'whoever leads, as far as it knows, holds a lease',
    file: 'core/lease.ts',
    find: 'now < s.leaseFrom + s.leaseMs * (1 - maxClockDrift)',
    replace: 's.leaseMs * (1 - maxClockDrift) > 0',
  },
  {
    name: 'lease-promise-forgotten-in-restart',
    breaks: 'a restarted node votes at once, although it may have promised a lease just before',
    file: 'core/state.ts',
    find: 'this.promisedUntil = now + options.electionTimeoutMs',
    replace: 'void 0',
  },
  {
    name: 'lease-promise-ends-with-the-term',
    breaks: 'a node that hears of a later term forgets what it promised in the earlier one',
    file: 'core/election.ts',
    find: '  if (s.now < s.promisedUntil) return true\n',
    replace: '',
  },
  {
    name: 'lease-before-term-commit',
    breaks: 'a new leader reads under its lease before it knows what its predecessor had committed',
    file: 'core/lease.ts',
    find: 's.commitIsCurrent && now <',
    replace: "s.role === 'leader' && now <",
  },
  {
    name: 'after-ignored',
    breaks: 'a read does not wait for the index that it was given',
    file: 'runtime/reads.ts',
    find: 'demand.after > index',
    replace: 'demand.after < 0',
  },
  {
    name: 'bounded-age-ignored',
    breaks: 'a bounded read is answered however old the state is',
    file: 'runtime/reads.ts',
    find: 'staleMs <= maxStalenessMs ? staleMs',
    replace: 'staleMs >= 0 ? staleMs',
  },
]
