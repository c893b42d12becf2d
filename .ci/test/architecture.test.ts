import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkArchitecture, type ArchitectureReport } from '../architecture.mjs'

const trees: string[] = []

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true })
})

type Files = Record<string, string | undefined>

function manifest(name: string, dependencies: readonly string[], entries: readonly string[] = ['.']): string {
  const folder = (entry: string) => (entry === '.' ? '' : `${entry.slice(2)}/`)
  return JSON.stringify({
    name: `@colony/${name}`,
    dependencies: Object.fromEntries(dependencies.map((id) => [id, '*'])),
    exports: Object.fromEntries(
      entries.map((entry) => [
        entry,
        { built: `./dist/${folder(entry)}index.js`, default: `./src/${folder(entry)}index.ts` },
      ]),
    ),
    publishConfig: {
      exports: Object.fromEntries(
        entries.map((entry) => [
          entry,
          { types: `./dist/${folder(entry)}index.d.ts`, default: `./dist/${folder(entry)}index.js` },
        ]),
      ),
    },
  })
}

/** A small workspace without a fault: each test plants one into it. */
const sound: Files = {
  'tsconfig.json': JSON.stringify({
    references: ['host', 'host/src/core', 'host/src/node', 'raft', 'raft/src/core', 'testing'].map(
      (path) => ({
        path: `packages/${path}`,
      }),
    ),
  }),
  'packages/host/package.json': manifest('host', ['eventemitter3'], ['.', './node']),
  'packages/host/typedoc.json': '{ "entryPoints": ["src/index.ts", "src/node/index.ts"] }',
  'packages/host/tsconfig.json': '{ "exclude": ["src/core", "src/node"] }',
  'packages/host/src/core/tsconfig.json': '{ "compilerOptions": {} }',
  'packages/host/src/node/tsconfig.json': '{ "compilerOptions": { "types": ["node"] } }',
  'packages/host/src/index.ts': "export { a } from './core/a.ts'\nexport { emitter } from './emitter.ts'\n",
  'packages/host/src/emitter.ts':
    "import { EventEmitter } from 'eventemitter3'\nexport const emitter = EventEmitter\n",
  'packages/host/src/core/a.ts':
    '/** Says `async`, Promise<void> and console.log in a comment. */\nexport const a = 1\n',
  'packages/host/src/node/index.ts': "import 'node:net'\nexport { a } from '../index.ts'\n",
  'packages/raft/package.json': manifest('raft', ['@colony/host']),
  'packages/raft/tsconfig.json': '{ "exclude": ["src/core", "src/node"] }',
  'packages/raft/src/core/tsconfig.json': '{ "compilerOptions": {} }',
  'packages/raft/src/core/vote.ts': "import { a } from '@colony/host'\nexport const vote = a\n",
  'packages/raft/src/index.ts': "export { vote } from './core/vote.ts'\n",
  'packages/raft/test/vote.test.ts':
    "import '@colony/testing'\nimport '@colony/host/node'\nimport '../src/core/vote.ts'\n",
  'packages/testing/package.json': manifest('testing', ['@colony/host', '@colony/raft']),
  'packages/testing/src/index.ts':
    "import type { vote } from '@colony/raft'\nexport type Vote = typeof vote\n",
  'docs/examples/package.json': '{ "name": "@colony/docs-examples" }',
  'docs/examples/src/demo.ts': "import '@colony/raft'\nimport './bank.ts'\n",
  'docs/examples/src/bank.ts': 'export const bank = 1\n',
}

function check(planted: Files): ArchitectureReport {
  const root = mkdtempSync(join(tmpdir(), 'colony-arch-'))
  trees.push(root)
  for (const [path, text] of Object.entries({ ...sound, ...planted })) {
    if (text === undefined) continue
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return checkArchitecture(root)
}

/** What is planted, and the line that must be printed for it. */
const violations: ReadonlyArray<readonly [name: string, planted: Files, expected: RegExp]> = [
  [
    'a package that the table does not allow',
    { 'packages/host/src/extra.ts': "import 'lodash'\n" },
    /host\/src\/extra\.ts:1 {2}import-table {2}host may not import 'lodash'/,
  ],
  [
    'a package that the table allows elsewhere',
    { 'packages/raft/src/extra.ts': "export const load = () => import('eventemitter3')\n" },
    /raft\/src\/extra\.ts:1 {2}import-table {2}raft may not import 'eventemitter3'/,
  ],
  [
    'an arrow that points up',
    {
      'packages/host/src/extra.ts': "import type { vote } from '@colony/raft'\nexport type V = typeof vote\n",
    },
    /host\/src\/extra\.ts:1 {2}import-table {2}host may not import '@colony\/raft'/,
  ],
  [
    '@colony/testing in src',
    { 'packages/raft/src/extra.ts': "import '@colony/testing'\n" },
    /raft\/src\/extra\.ts:1 {2}import-table {2}raft may not import '@colony\/testing'/,
  ],
  [
    'a value where types alone are allowed',
    {
      'packages/testing/src/extra.ts':
        "import { type vote } from '@colony/raft'\nexport type V = typeof vote\n",
    },
    /testing\/src\/extra\.ts:1 {2}import-table {2}testing may import '@colony\/raft' with 'import type' alone/,
  ],
  [
    'a package without a row in the table',
    { 'packages/queue/package.json': manifest('queue', []), 'packages/queue/src/index.ts': 'export {}\n' },
    /packages\/queue {2}import-table {2}has no row/,
  ],
  [
    'a dependency that the table does not allow',
    { 'packages/raft/package.json': manifest('raft', ['@colony/host', 'lodash']) },
    /raft\/package\.json {2}import-table {2}raft may not depend on 'lodash'/,
  ],
  [
    'an import that is not declared',
    { 'packages/raft/package.json': manifest('raft', []) },
    /raft\/src\/core\/vote\.ts:1 {2}declared {2}'@colony\/host'/,
  ],
  [
    'a deep import from src',
    { 'packages/raft/src/extra.ts': "import '@colony/host/src/emitter.ts'\n" },
    /raft\/src\/extra\.ts:1 {2}public-entry {2}'@colony\/host\/src\/emitter\.ts'/,
  ],
  [
    'a deep import from a test',
    { 'packages/raft/test/extra.test.ts': "import '../../host/src/emitter.ts'\n" },
    /raft\/test\/extra\.test\.ts:1 {2}public-entry {2}.* leaves its own package/,
  ],
  [
    'a deep import from an example',
    { 'docs/examples/src/extra.ts': "import '@colony/raft/core'\n" },
    /docs\/examples\/src\/extra\.ts:1 {2}public-entry/,
  ],
  [
    'src that imports its test',
    { 'packages/raft/src/extra.ts': "import '../test/vote.test.ts'\n" },
    /raft\/src\/extra\.ts:1 {2}own-src/,
  ],
  [
    'a Node built-in outside src/node',
    { 'packages/raft/src/extra.ts': "import { readFileSync } from 'fs'\nexport const read = readFileSync\n" },
    /raft\/src\/extra\.ts:1 {2}node-only {2}'fs' is allowed under src\/node alone/,
  ],
  [
    'a main entry that reaches Node code',
    {
      'packages/host/src/emitter.ts':
        "export type Node = typeof import('./node/index.ts')\nexport const emitter = 1\n",
    },
    /host\/src\/index\.ts {2}node-only {2}entry '\.' reaches Node code: .*emitter\.ts -> src\/node\/index\.ts/,
  ],
  [
    'a main entry that reaches the Node code of an adapter',
    {
      'packages/host/src/emitter.ts': "export * from './wire/node/a.ts'\nexport const emitter = 1\n",
      'packages/host/src/wire/node/a.ts': "import 'node:net'\nexport const b = 1\n",
    },
    /host\/src\/index\.ts {2}node-only {2}entry '\.' reaches Node code: .*src\/wire\/node\/a\.ts/,
  ],
  [
    'an adapter that imports Node outside of its folder for that',
    { 'packages/host/src/wire/codec.ts': "import 'node:net'\nexport const b = 1\n" },
    /host\/src\/wire\/codec\.ts:1 {2}node-only/,
  ],
  [
    'a core that leaves its folder',
    { 'packages/host/src/core/b.ts': "export { emitter } from '../emitter.ts'\n" },
    /host\/src\/core\/b\.ts:1 {2}core-imports/,
  ],
  [
    'a core that imports Node',
    { 'packages/raft/src/core/b.ts': "import 'node:fs'\n" },
    /raft\/src\/core\/b\.ts:1 {2}core-imports/,
  ],
  [
    'a core that imports a dependency of its package',
    { 'packages/host/src/core/b.ts': "import 'eventemitter3'\n" },
    /host\/src\/core\/b\.ts:1 {2}core-imports/,
  ],
  [
    'an asynchronous core',
    {
      'packages/raft/src/core/b.ts':
        'export async function f(): Promise<void> {\n  await undefined\n  for await (const x of []) x\n}\n',
    },
    /b\.ts:1 {2}core-sync {2}'async'[^]*b\.ts:1 {2}core-sync {2}'Promise'[^]*b\.ts:2 {2}core-sync {2}'await'[^]*b\.ts:3 {2}core-sync/,
  ],
  [
    'a cycle between files, through types alone',
    {
      'packages/raft/src/x.ts': "import type { Y } from './y.ts'\nexport type X = Y | 1\n",
      'packages/raft/src/y.ts': "import type { X } from './x.ts'\nexport type Y = X | 2\n",
    },
    /no-cycle {2}packages\/raft\/src\/x\.ts -> packages\/raft\/src\/y\.ts -> packages\/raft\/src\/x\.ts/,
  ],
  [
    'a cycle between packages',
    { 'packages/raft/src/extra.ts': "import type {} from '@colony/testing'\n" },
    /packages {2}no-cycle {2}@colony\/raft -> @colony\/testing -> @colony\/raft/,
  ],
  [
    'a file that is too long',
    { 'packages/raft/src/extra.ts': '\n'.repeat(501) },
    /raft\/src\/extra\.ts {2}file-length {2}501 lines/,
  ],
  [
    'a file without a concept',
    { 'packages/raft/src/runtime/utils.ts': 'export {}\n' },
    /raft\/src\/runtime\/utils\.ts {2}file-name {2}name the concept/,
  ],
  [
    'a file name that is not kebab-case',
    { 'packages/raft/src/leaderState.ts': 'export {}\n' },
    /raft\/src\/leaderState\.ts {2}file-name/,
  ],
  [
    'console output',
    { 'packages/raft/src/extra.ts': "console.log('here')\n" },
    /raft\/src\/extra\.ts:1 {2}no-console/,
  ],
  [
    'an entry that is not published',
    {
      'packages/raft/package.json': manifest('raft', ['@colony/host']).replaceAll(
        './dist/index.js',
        './dist/main.js',
      ),
    },
    /raft\/package\.json {2}manifest {2}publishConfig\.exports\['\.'\]/,
  ],
  [
    'an entry whose compiled form is not where it is built',
    {
      'packages/raft/package.json': manifest('raft', ['@colony/host']).replace(
        './dist/index.js',
        './dist/main.js',
      ),
    },
    /raft\/package\.json {2}manifest {2}exports\['\.'\]\.built is not '\.\/dist\/index\.js'/,
  ],
  [
    'an entry without a source',
    { 'packages/testing/src/index.ts': undefined },
    /testing\/package\.json {2}manifest {2}exports\['\.'\] names '\.\/src\/index\.ts', which is missing/,
  ],
  [
    'an entry that is not documented',
    { 'packages/host/typedoc.json': undefined },
    /host\/package\.json {2}manifest {2}typedoc\.json does not list 'src\/node\/index\.ts'/,
  ],
  [
    'a core with ambient types',
    { 'packages/raft/src/core/tsconfig.json': '{ "compilerOptions": { "types": ["node"] } }' },
    /raft\/src\/core {2}projects/,
  ],
  [
    'a core that is compiled with the rest',
    { 'packages/raft/tsconfig.json': '{}' },
    /raft\/tsconfig\.json {2}projects {2}must exclude 'src\/core'/,
  ],
  [
    'a project that the build does not know',
    { 'tsconfig.json': '{ "references": [] }' },
    /tsconfig\.json {2}projects {2}must reference 'packages\/raft\/src\/core'/,
  ],
]

describe('the architecture test', () => {
  it('passes a sound tree', () => {
    expect(check({})).toEqual({ packages: 3, files: 10, problems: [], warnings: [] })
  })

  it('warns of a long file without failing', () => {
    const { problems, warnings } = check({ 'packages/raft/src/extra.ts': '\n'.repeat(301) })
    expect(warnings).toEqual(['packages/raft/src/extra.ts has 301 lines: look twice'])
    expect(problems).toEqual([])
  })

  it.each(violations)('reports %s', (_name, planted, expected) => {
    expect(check(planted).problems.join('\n')).toMatch(expected)
  })

  it('passes this repository', () => {
    expect(checkArchitecture(join(import.meta.dirname, '../..')).problems).toEqual([])
  })
})
