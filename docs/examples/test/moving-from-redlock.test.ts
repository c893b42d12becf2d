import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { NO_REDIS, type RunningRedis, skipRedis, startRedis } from './redis-servers.ts'

const guide = readFileSync(new URL('../../guides/moving-from-redlock.md', import.meta.url), 'utf8')
// Below this package, because that is where every package resolves by its public name.
const project = fileURLToPath(new URL('../node_modules/.cache/moving-from-redlock/', import.meta.url))
const redlock = fileURLToPath(new URL('../node_modules/redlock-5', import.meta.url))

/** Writes the programs of the guide, word for word, into a project that has npm's `redlock`. */
function writeProject(): readonly string[] {
  rmSync(project, { recursive: true, force: true })
  mkdirSync(`${project}node_modules`, { recursive: true })
  symlinkSync(redlock, `${project}node_modules/redlock`)
  return [...guide.matchAll(/^```js file=(\S+)\n(.*?)^```$/gms)].map(([, name = '', program = '']) => {
    writeFileSync(`${project}${name}`, program)
    return name
  })
}

async function run(name: string, urls: string): Promise<void> {
  const node = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), `${project}${name}`], {
    env: { ...process.env, REDIS_URLS: urls },
  })
  let errors = ''
  node.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = (await once(node, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${errors}`)
}

/** Until no server is too young to vote any more. */
async function grownUp(servers: readonly RunningRedis[]): Promise<void> {
  const isYoung = (info: string): boolean => Number(/uptime_in_seconds:(\d+)/.exec(info)?.[1]) < 12
  for (const { client } of servers) {
    while (isYoung(await client.info('server'))) await new Promise((wait) => setTimeout(wait, 200))
  }
}

describe.skipIf(skipRedis)(`moving from redlock (${NO_REDIS})`, () => {
  it('the old and the new worker of the guide count to a hundred, side by side', async () => {
    const programs = writeProject()
    expect(programs).toEqual(['old-worker.mjs', 'new-worker.mjs'])
    const servers = await Promise.all([startRedis(), startRedis(), startRedis()])
    try {
      await grownUp(servers)
      const urls = servers.map(({ url }) => url).join()
      await Promise.all(programs.map((name) => run(name, urls)))
      expect(await servers[0]?.client.get('count')).toBe('100')
    } finally {
      for (const server of servers) await server[Symbol.asyncDispose]()
    }
  }, 110_000)
})
