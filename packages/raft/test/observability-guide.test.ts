import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const SRC = new URL('../src/', import.meta.url)
const GUIDE = new URL('../../../docs/guides/observability.md', import.meta.url)

it('every event that the sources name stands in the guide', () => {
  const guide = readFileSync(GUIDE, 'utf8')
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const sources = files.map((file) => readFileSync(new URL(file, SRC), 'utf8')).join('\n')
  const types = new Set([...sources.matchAll(/'(raft\.[a-z-]+)'/g)].map(([, type = '']) => type))
  expect(types.size).toBeGreaterThan(5)
  // `raft.snapshot-saved`, `-sent`: a row may name several by their ends.
  const named = (type: string): boolean =>
    guide.includes(type) || guide.includes(`\`${type.replace(/^raft\.[a-z]+/, '')}\``)
  expect([...types].filter((type) => !named(type))).toEqual([])
})
