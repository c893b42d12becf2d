import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumRequired, findChromium, NO_CHROMIUM, openBrowser } from './chromium.ts'
import { HASHES } from './run/pinned-hashes.ts'

/** What is used of esbuild, which tsx runs on: a bundler is here already, and need not be a dependency of our own. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly text: string }[]
  }
}

/** The harness with a suite, as one script for a page. */
function scriptOfPage(): string {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const { buildSync } = createRequire(tsx)('esbuild') as Bundler
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, 'run/pinned-run.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'pinned',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

const available = findChromium() !== undefined
const suite = available || chromiumRequired ? describe : describe.skip

suite(available || chromiumRequired ? 'in a browser page' : `in a browser page (${NO_CHROMIUM})`, () => {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(async () => await browser?.close())

  test('a seed does what it does in Node, event by event', async () => {
    const page = await browser!.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.addScriptTag({ content: scriptOfPage() })
    const hashes: Record<string, unknown> = {}
    for (const seed of Object.keys(HASHES)) {
      hashes[seed] = await page.evaluate(`pinned.hashOfSeed(${JSON.stringify(seed)})`)
    }
    expect(hashes).toEqual(HASHES)
    expect(complaints).toEqual([])
  })
})
