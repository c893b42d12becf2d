// Run as a process of its own: opens the storage in the directory given, persists, says so, and stays until it is killed.
import { fileStorage } from '../../src/node/index.ts'
import { IDENTITY } from '../storage/identity.ts'

const storage = await fileStorage(process.argv[2] ?? '')
const { entries } = await storage.open(IDENTITY)
const data = new TextEncoder().encode('written by a process that was killed')
await storage.persist({
  term: 1,
  vote: 'a',
  firstIndex: entries.length + 1,
  entries: [{ term: 1, kind: 'command', data }],
})
process.stdout.write('ready\n')
setInterval(() => undefined, 1000)
