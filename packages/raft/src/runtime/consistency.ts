/**
 * What a read promises, from the strictest to the cheapest; the guide "Consistency" has what each does when the network is cut.
 *
 * - `linearizable`: sees every write that completed anywhere before the read began. Costs a round to a quorum, shared by all reads that wait; needs a quorum.
 * - `lease`: the same promise, as long as clocks keep to the declared `maxClockDrift`. The leader answers at once while it holds a lease, else by a round;
 *   another node asks the leader.
 * - `bounded`: sees every write that completed more than `maxStalenessMs` before the read began. Answered at once where this node can prove that, else by the leader's word;
 *   refused as `RAFT_TOO_STALE` when neither can be had in time.
 * - `local`: sees whatever this node has applied, and says how old that can be. Costs nothing, always available.
 * @category Node
 */
export type ReadConsistency = 'linearizable' | 'lease' | 'bounded' | 'local'
