/** The levels of consistency of `@colony/raft`, on three nodes in one process. Run: `tsx docs/examples/src/raft-reads.ts` */
import { createMemoryNetwork } from '@colony/host/memory'
import { createRaft, memoryStorage, RaftError, type Raft } from '@colony/raft'

class Stock {
  readonly pieces = new Map<string, number>()

  apply({ item, change }: { item: string; change: number }): number {
    const pieces = (this.pieces.get(item) ?? 0) + change
    this.pieces.set(item, pieces)
    return pieces
  }
}

const network = createMemoryNetwork()

// #region start
function start(id: string): Promise<Raft<Stock>> {
  const members = ['a', 'b', 'c']
  const host = network.host()
  // Two clocks of the group never differ in rate by more than a hundredth: that is what allows `lease`.
  return createRaft({
    id,
    members,
    host,
    storage: memoryStorage(),
    machine: new Stock(),
    maxClockDrift: 0.01,
  })
}
// #endregion start

const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')])

// #region write
const { index } = await a.propose({ item: 'lamp', change: 12 })
// #endregion write

// #region levels
const lamps = (stock: Stock): number => stock.pieces.get('lamp') ?? 0

const exact = await b.read(lamps) // linearizable
const leased = await b.read(lamps, { consistency: 'lease' }) // the same, if clocks keep to the bound
const recent = await b.read(lamps, { consistency: 'bounded', maxStalenessMs: 500 })
const own = await c.read(lamps, { consistency: 'local', after: index }) // sees the write of above
const any = await c.read(lamps, { consistency: 'local' }) // at once, whatever is here
// #endregion levels
console.log(exact.value, leased.value, recent.value, own.value)
console.log(`${any.value} pieces, as of index ${any.index}, at most ${Math.ceil(any.staleMs)} ms ago`)

await Promise.all([a.close(), b.close()])

// #region fallback
/** Prefers a fresh answer to an old one, and an old one to none. */
async function pieces(raft: Raft<Stock>): Promise<string> {
  try {
    const { value } = await raft.read(lamps, { consistency: 'bounded', maxStalenessMs: 100, timeoutMs: 300 })
    return `${value}`
  } catch (error) {
    if (!(error instanceof RaftError) || error.code !== 'RAFT_TOO_STALE') throw error
    const { value, staleMs } = await raft.read(lamps, { consistency: 'local' })
    return `${value}, ${staleMs >= 100 ? 'perhaps not any more' : 'just so'}`
  }
}
// #endregion fallback
await new Promise((resolve) => setTimeout(resolve, 200))
console.log(`without the others: ${await pieces(c)}`)
await c.close()
