import type { NodeId } from '@colony/host'
import { converged } from './agreement.ts'
import { LONGEST_RUN_MS, type Run } from './gossip-run.ts'

/** Deletions are forgotten in sweeps, eight in the time that one is kept; and nodes have to agree first. */
const SWEEPS = 1.3
const AGREED_WITHIN_MS = 30_000
const OWN_KEY = 'passing'

/**
 * One node is away while the others delete, for longer than deletions are remembered: what it brings back does not come back, neither of what members say of themselves nor of shared values. */
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
