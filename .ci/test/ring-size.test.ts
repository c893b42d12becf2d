import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

/** What is used of esbuild. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly contents: Uint8Array }[]
  }
}

/** The esbuild that tsx runs on: a bundler is here already, and need not be one of our own dependencies. */
function bundler(): Bundler {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return createRequire(tsx)('esbuild') as Bundler
}

/** Bytes that a browser downloads for everything an entry exports: bundled, minified, gzipped, without xxhash-wasm. */
function downloadSize(entry: string): number {
  const { outputFiles } = bundler().buildSync({
    entryPoints: [join(import.meta.dirname, '../../packages', entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['xxhash-wasm'],
    logLevel: 'silent',
  })
  const [bundle] = outputFiles
  return gzipSync(bundle?.contents ?? '', { level: 9 }).length
}

it('@colony/ring is under 8 kB (8000 bytes), minified and gzipped, without xxhash-wasm', () => {
  const size = downloadSize('ring/src/index.ts')
  process.stdout.write(`@colony/ring: ${size} bytes, minified and gzipped\n`)
  expect(size).toBeGreaterThan(1000)
  expect(size).toBeLessThan(8000)
})
