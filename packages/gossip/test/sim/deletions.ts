import type { NodeId } from '@colony/host'
import { converged } from './agreement.ts'
import { LONGEST_RUN_MS, type Run } from './gossip-run.ts'

/** Deletions are forgotten in sweeps, eight in the time that one is kept; and nodes have to agree first. */
const SWEEPS = 1.5
const AGREED_WITHIN_MS = 30_000
const OWN_KEY = 'passing'

/**
 * One node is away while the others delete, for longer than deletions are remembered: what it brings back does not come back, neither of what members say of themselves nor of shared values. And
 * whatever is written after that is kept, however wrong the clock was by which something was deleted.
 */
export async function keepsDeletions(run: Run): Promise<void> {
  const { world, state } = run
  const { nodes, settings } = state
  const { tombstoneMs, syncIntervalMs } = settings.timing
  const [away = '', ...others] = nodes
  if (tombstoneMs > LONGEST_RUN_MS || others.length === 0) return
  for (const id of nodes) {
    share(run, id, `of-${id}`, 'passing')
    set(run, id, 'passing')
  }
  await world.runUntil(() => converged(run), { withinMs: AGREED_WITHIN_MS })
  world.network.partition([[away], others])
  for (const id of others) {
    share(run, id, `of-${id}`)
    set(run, id)
  }
  // What nobody else has changed since it went away, too.
  share(run, others[0] ?? '', `of-${away}`)
  await world.run(SWEEPS * tombstoneMs + 2 * syncIntervalMs)
  world.network.heal()
  await world.runUntil(() => converged(run), { withinMs: AGREED_WITHIN_MS })
  for (const id of nodes) {
    const core = world.node(id).service?.core
    const held = nodes.filter((gone) => core?.sharedValue(`of-${gone}`) !== undefined)
    const said = others.filter((gone) => core?.value(gone, OWN_KEY) !== undefined)
    if (held.length + said.length > 0)
      throw new Error(`${id} holds what ${[...held, ...said].join()} had, and was deleted`)
  }
  run.sometimes('a node brought back what was deleted, and it stayed deleted')
  const writers = [away, nodes.at(-1) ?? '']
  for (const id of writers) share(run, id, `new-${id}`, 'kept')
  const areKept = (): boolean =>
    nodes.every((id) =>
      writers.every((writer) => world.node(id).service?.core.sharedValue(`new-${writer}`) !== undefined),
    )
  await world.runUntil(areKept, { withinMs: AGREED_WITHIN_MS })
  await world.run(syncIntervalMs)
  if (!areKept()) throw new Error(`what ${writers.join(' or ')} wrote is lost`)
}

function share({ world, state }: Run, id: NodeId, key: string, value?: string): void {
  state.onAsked(id, 'share', `${key} ${value ?? ''}`)
  world.node(id).service?.feed({ type: 'share', key, value: bytes(value) })
}

function set({ world }: Run, id: NodeId, value?: string): void {
  world.node(id).service?.feed({ type: 'set', key: OWN_KEY, value: bytes(value) })
}

function bytes(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text)
}
