import { join } from 'node:path'
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from '../../src/report/page-script.ts'
import { bundledPage } from './page-bundle.ts'

test('the script of the page is made of its sources', async () => {
  const path = join(import.meta.dirname, '../../src/report/page-script.ts')
  await expect(bundledPage()).toMatchFileSnapshot(path)
})

test('the script is one that compiles, and its fingerprint is its own', async () => {
  expect(() => new Script(PAGE_SCRIPT)).not.toThrow()
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(PAGE_SCRIPT))
  expect(Buffer.from(digest).toString('base64')).toBe(PAGE_SCRIPT_HASH)
})
