import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const readme = readFileSync(new URL('../../../packages/gossip/README.md', import.meta.url), 'utf8')
// Below this package, because that is where every package resolves by its public name.
const cache = fileURLToPath(new URL('../node_modules/.cache/gossip-readme/', import.meta.url))

it('the first example of @colony/gossip has ten lines, and runs', { timeout: 60_000 }, async () => {
  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? []
  expect(program.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(10)
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${cache}first.mts`, program)
  const node = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), `${cache}first.mts`])
  // Nodes go on until somebody ends them.
  const said = await new Promise<string>((resolve, reject) => {
    let text = ''
    const hear = (chunk: Buffer): void => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text)
    }
    node.stdout.on('data', hear)
    node.stderr.on('data', hear)
    node.once('error', reject)
    node.once('exit', () => resolve(text))
  })
  node.kill('SIGKILL')
  expect(said).toBe('b load 0.42\n')
})
