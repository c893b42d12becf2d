/**
 * Five processes on loopback UDP find each other through one seed. One is killed, one is paused; the rest say why they think so. Then the paused one goes on, and another leaves.
 * Run: `tsx docs/examples/src/gossip.ts`
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MemberStatus } from '@colony/gossip'
import { freePorts } from './free-ports.ts'
import { formatTable, type Row, type Word } from './gossip-words.ts'

const IDS = ['one', 'two', 'three', 'four', 'five']
/** Longest wait for anything; a busy machine needs a few seconds at most. */
const PATIENCE_MS = 40_000

const ports = await freePorts(IDS.length)
const nodes = new Map<string, ChildProcess>()
const tables = new Map<string, readonly Row[]>()
/** Killed or paused: what they said last is no news. */
const silent = new Set<string>()
const words: Word[] = []
let changed = (): void => {}

function start(id: string, port: number): void {
  const node = fork(fileURLToPath(import.meta.resolve('./gossip-node.ts')), [
    ...[id, String(port), `udp://127.0.0.1:${ports[0]}`],
  ])
  nodes.set(id, node)
  node.on('message', (word: Word) => {
    if (silent.has(id)) return
    if (word.rows !== undefined) tables.set(id, word.rows)
    if (word.explanation !== undefined) words.push(word)
    if (word.news !== undefined) console.log(`  ${id.padEnd(6)}${word.news}`)
    changed()
  })
}

function silence(id: string): void {
  silent.add(id)
  tables.delete(id)
}

/** Waits until what the nodes tell is so. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!isSo()) {
    const left = deadline - Date.now()
    if (left <= 0) throw new Error(`waited in vain until ${what}:\n${formatTable(IDS, tables)}`)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left)
      changed = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
  console.log(`\n${what}\n${formatTable(IDS, tables)}\n`)
}

/** Whether all of `lookers` see all of `ids` so. */
const see = (lookers: readonly string[], ids: readonly string[], status: MemberStatus): boolean =>
  lookers.every((looker) =>
    ids.every(
      (id) =>
        looker === id || tables.get(looker)?.some(({ peer, status: is }) => peer === id && is === status),
    ),
  )

async function explain(node: string, peer: string): Promise<string> {
  words.length = 0
  nodes.get(node)?.send({ explain: peer })
  while (words.length === 0) await new Promise<void>((resolve) => (changed = resolve))
  return words[0]?.explanation ?? ''
}

try {
  for (const [index, id] of IDS.entries()) start(id, ports[index] ?? 0)
  await until('all have found each other, through one seed', () => see(IDS, IDS, 'alive'))

  nodes.get('four')?.kill('SIGKILL')
  nodes.get('five')?.kill('SIGSTOP')
  for (const gone of ['four', 'five']) silence(gone)
  const rest = ['one', 'two', 'three']
  await until('four was killed and five is paused: the rest have noticed', () =>
    see(rest, ['four', 'five'], 'failed'),
  )
  for (const peer of ['four', 'five']) console.log(`one, why: ${await explain('one', peer)}`)

  silent.delete('five')
  nodes.get('five')?.kill('SIGCONT')
  await until('five goes on, says so, and is believed', () =>
    see([...rest, 'five'], [...rest, 'five'], 'alive'),
  )

  nodes.get('two')?.send({ leave: true })
  silence('two')
  await until('two has left, which is not to fail', () => see(['one', 'three', 'five'], ['two'], 'left'))
} finally {
  for (const node of nodes.values()) {
    node.kill('SIGKILL')
    if (node.exitCode === null && node.signalCode === null) await once(node, 'exit')
  }
}
