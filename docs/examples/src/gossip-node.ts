/** One of the processes of `gossip.ts`. Alone: `tsx docs/examples/src/gossip-node.ts one 7946 udp://127.0.0.1:7946` */
import { createGossip, defineSchema } from '@colony/gossip'
import { nodeHost } from '@colony/host/node'
import type { Row, Word } from './gossip-words.ts'

const [id = 'one', port = '7946', seed = 'udp://127.0.0.1:7946'] = process.argv.slice(2)

// #region start
const schema = defineSchema({ pid: 'number', load: 'number' })
const gossip = await createGossip({
  id,
  host: nodeHost({ clusterId: 'show', listen: `127.0.0.1:${port}`, transport: 'udp' }),
  seeds: [seed], // one that answers is enough
  state: schema,
  initial: { pid: process.pid, load: 0 },
  profile: 'local',
  advanced: { probeIntervalMs: 250, probeTimeoutMs: 120 }, // a show has no patience
})
// #endregion start

const tell = (word: Word): void => void process.send?.(word)
const rows = (): Row[] =>
  gossip.peers.all().map(({ id: peer, status, state }) => ({ peer, status, load: state.load ?? 0 }))

setInterval(() => gossip.set('load', Math.round(Math.random() * 100) / 100), 1000).unref()
process.on('disconnect', () => process.exit())
process.on('message', (asked: { readonly explain?: string }) => {
  if (asked.explain === undefined) void gossip.leave().then(() => process.exit())
  else tell({ from: id, explanation: gossip.explain(asked.explain)?.text ?? 'never heard of' })
})

tell({ from: id, rows: rows() })
// #region events
for await (const event of gossip.events()) {
  const why = 'why' in event && 'peer' in event ? `${event.peer.id}: ${event.why.text}` : undefined
  tell({ from: id, rows: rows(), ...(why !== undefined && { news: `${event.type} ${why}` }) })
}
// #endregion events
