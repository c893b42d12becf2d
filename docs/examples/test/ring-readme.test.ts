import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { printed, regionOf } from './ring-run.ts'

const readme = readFileSync(new URL('../../../packages/ring/README.md', import.meta.url), 'utf8')

/** The texts of the README's fences of one kind. */
function fences(kind: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!)
}

it.each([
  ['ring-cache.ts', 'shard', 'ts'],
  ['ring-drain.ts', 'plan', 'ts'],
  ['ring-drain.ts', 'move', 'ts continue'],
  ['ring-zones.ts', 'zones', 'ts'],
])("the README of @colony/ring quotes %s's region %s as it runs", (program, region, kind) => {
  expect(fences(kind)).toContain(regionOf(program, region))
})

it('the README of @colony/ring shows what the programs print', async () => {
  const [drained = '', zones = ''] = fences('text')
  expect(drained).not.toBe('')
  expect(await printed('ring-drain.ts')).toContain(drained)
  expect(zones).not.toBe('')
  expect(await printed('ring-zones.ts')).toContain(zones)
})
