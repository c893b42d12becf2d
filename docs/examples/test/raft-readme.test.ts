import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const README = new URL('../../../packages/raft/README.md', import.meta.url)
/** Here every package resolves by its public name. */
const CACHE = new URL('../node_modules/.cache/raft-readme/', import.meta.url)

it('the first example in the README of @colony/raft runs, and prints what its comments say', async () => {
  const readme = await readFile(README, 'utf8')
  const [, example = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? []
  const promised = [...example.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
  expect(promised.length).toBeGreaterThan(1)
  await mkdir(CACHE, { recursive: true })
  const program = fileURLToPath(new URL('first.mts', CACHE))
  await writeFile(program, example)
  const command = ['--import', import.meta.resolve('tsx'), program]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command)
  expect(stderr).toBe('')
  expect(stdout.trim().split('\n')).toEqual(promised)
})
