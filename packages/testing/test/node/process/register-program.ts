/**
 * One of several processes that hold a register together: each operation asks a majority for the newest version and brings it to a majority (H. Attiya, A. Bar-Noy and
 * D. Dolev, Sharing memory robustly in message-passing systems, 1995). With `localReads`, which is the bug that the test looks for, reads ask nobody.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { serveParent, tellParent } from '../../../src/node/process/child-side.ts'
import { ask, type Answer, type Request, type Version } from './register-protocol.ts'

/** What a node is started with. */
export interface RegisterConfig {
  readonly id: string
  readonly file: string
  /** Where it finds the others: through proxies. */
  readonly peers: readonly string[]
  readonly localReads: boolean
}

/** Where a node listens. */
export interface Listening {
  readonly address: string
}

let config: RegisterConfig
let newest: Version = { number: 0, writer: '', value: null }
let writes = 0

function isNewer(one: Version, other: Version): boolean {
  return one.number > other.number || (one.number === other.number && one.writer > other.writer)
}

/** Kept before it is acknowledged; `kill -9` takes nothing of what the system was given. */
function keep(version: Version): void {
  if (!isNewer(version, newest)) return
  newest = version
  writeFileSync(`${config.file}.new`, JSON.stringify(version))
  renameSync(`${config.file}.new`, config.file)
}

/** The answers of a majority, this node included. One that cannot be reached is asked again. */
async function majority(request: Request): Promise<readonly Answer[]> {
  const answers: Answer[] = [answerOfThis(request)]
  const needed = Math.floor((config.peers.length + 1) / 2) + 1
  return await new Promise((resolve) => {
    const collect = async (peer: string): Promise<void> => {
      for (let tries = 0; tries < 20; tries++) {
        const answer = await ask(peer, request).catch(() => undefined)
        if (answer === undefined) {
          await new Promise((again) => setTimeout(again, 20))
          continue
        }
        answers.push(answer)
        if (answers.length >= needed) resolve(answers)
        return
      }
    }
    for (const peer of config.peers) void collect(peer)
  })
}

function answerOfThis(request: Request): Answer {
  if (request.do === 'store') keep(request.version)
  return { version: newest }
}

async function answer(request: Request): Promise<Answer> {
  if (request.do === 'store' || request.do === 'look') return answerOfThis(request)
  if (request.do === 'read' && config.localReads) return { version: newest }
  let version = newest
  for (const { version: seen } of await majority({ do: 'look' })) if (isNewer(seen, version)) version = seen
  if (request.do === 'write') {
    const writer = `${config.id}.${process.pid}.${++writes}`
    version = { number: version.number + 1, writer, value: request.value }
  }
  await majority({ do: 'store', version })
  return { version }
}

/** What a line asks for; nothing when the connection ended in the middle of it. */
function requestIn(line: string): Request | undefined {
  try {
    return JSON.parse(line) as Request
  } catch {
    return undefined
  }
}

function start(): void {
  try {
    newest = JSON.parse(readFileSync(config.file, 'utf8')) as Version
  } catch {
    // The first start.
  }
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const lines = createInterface(socket)
    // A connection that is reset is an error of the lines too, and one that nobody hears ends the process.
    lines.on('error', () => {})
    lines.on('line', (line) => {
      const request = requestIn(line)
      if (request === undefined) return
      void answer(request).then((given) => socket.end(`${JSON.stringify(given)}\n`))
    })
  })
  server.listen(0, '127.0.0.1', () => {
    tellParent<Listening>({ address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })
}

serveParent<RegisterConfig>((given) => {
  config = given
  start()
})
