// The architecture test: who may import whom, what a core may do, what lies where. Called by arch-check.mjs.
import { existsSync, readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { chain, cycles, readJson, readModule, shown, sourceFiles } from './source-graph.mjs'

/** What each package's `src` may import besides itself: `values` freely, `types` with `import type` alone. */
const TABLE = {
  host: { values: ['eventemitter3'], types: [] },
  raft: { values: ['@colony/host'], types: [] },
  gossip: { values: ['@colony/host'], types: [] },
  ring: { values: ['xxhash-wasm'], types: ['@colony/host'] },
  lock: { values: ['@colony/host', 'p-retry'], types: ['@colony/raft'] },
  testing: { values: ['@colony/host'], types: ['@colony/raft', '@colony/lock'] },
}
/** The only thing outside itself that a core may import: names, errors and codecs, all of them pure. */
const CORE_IMPORTS = ['@colony/host']
const LINES_LIMIT = 500
const LINES_WARNING = 300
const NAMELESS = /^(utils?|helpers?|types?|common|misc|shared|lib)\.ts$/
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/

/** Checks the workspace at `root`: how many packages and files there are, what is wrong, what is only suspicious. */
export function checkArchitecture(root) {
  const found = { root, packages: new Map(), files: 0, problems: [], warnings: [] }
  for (const name of directories(join(root, 'packages'))) {
    found.packages.set(`@colony/${name}`, readPackage(root, name))
  }
  for (const pack of found.packages.values()) checkPackage(found, pack)
  checkPackageCycles(found)
  checkOutsideSources(found)
  checkProjects(found)
  return {
    packages: found.packages.size,
    files: found.files,
    problems: found.problems,
    warnings: found.warnings,
  }
}

function report(found, rule, path, line, message) {
  const place = `${shown(found.root, path)}${line === undefined ? '' : `:${line}`}`
  found.problems.push(`${place}  ${rule}  ${message}`)
}

function directories(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'package.json')))
    .map((entry) => entry.name)
    .sort()
}

function readPackage(root, name) {
  const dir = join(root, 'packages', name)
  const modules = sourceFiles(join(dir, 'src')).map(readModule)
  const graph = new Map(modules.map(({ path, imports }) => [path, relativeTargets(path, imports)]))
  return { name, dir, manifest: readJson(join(dir, 'package.json')), modules, graph }
}

function relativeTargets(path, imports) {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => resolve(dirname(path), specifier))
}

function checkPackage(found, pack) {
  const row = TABLE[pack.name]
  if (row === undefined) {
    report(
      found,
      'import-table',
      pack.dir,
      undefined,
      'has no row in the import table of .ci/architecture.mjs',
    )
    return
  }
  for (const module of pack.modules) {
    checkFile(found, module)
    for (const named of module.imports) checkSourceImport(found, pack, row, module, named)
    for (const { line } of module.consoles)
      report(found, 'no-console', module.path, line, 'a library prints nothing')
    if (inFolder(pack, module.path, 'core')) {
      for (const { what, line } of module.asynchronous) {
        report(found, 'core-sync', module.path, line, `'${what}': a core is synchronous`)
      }
    }
  }
  for (const round of cycles(pack.graph)) {
    report(found, 'no-cycle', round[0], undefined, round.map((path) => shown(found.root, path)).join(' -> '))
  }
  checkManifest(found, pack, row)
  checkEntriesAvoidNode(found, pack)
}

function inFolder(pack, path, folder) {
  return shown(pack.dir, path).startsWith(`src/${folder}/`)
}

/** What needs Node lies under `src/node`, or under `node` of an adapter that has an entry of its own: `src/memberlist/node`. */
function isNodeOnly(pack, path) {
  return inFolder(pack, path, 'node') || /^src\/[a-z-]+\/node\//.test(shown(pack.dir, path))
}

function checkSourceImport(found, pack, row, module, { specifier, typeOnly, line }) {
  const { path } = module
  const core = inFolder(pack, path, 'core')
  if (specifier.startsWith('.')) {
    const target = shown(pack.dir, resolve(dirname(path), specifier))
    if (!target.startsWith('src/')) report(found, 'own-src', path, line, `'${specifier}' leaves src`)
    else if (core && !target.startsWith('src/core/')) {
      report(found, 'core-imports', path, line, `'${specifier}' leaves src/core`)
    }
    return
  }
  const builtin = specifier.startsWith('node:') || builtinModules.includes(specifier)
  if (core && (!CORE_IMPORTS.includes(specifier) || pack.name === 'host')) {
    report(found, 'core-imports', path, line, `a core may not import '${specifier}'`)
  } else if (builtin) {
    if (!isNodeOnly(pack, path)) {
      report(found, 'node-only', path, line, `'${specifier}' is allowed under src/node alone`)
    }
  } else checkForeignImport(found, pack, row, path, { specifier, typeOnly, line })
}

function checkForeignImport(found, pack, row, path, { specifier, typeOnly, line }) {
  const target = packageOf(specifier)
  if (target === `@colony/${pack.name}`) {
    report(found, 'import-table', path, line, `'${specifier}' is this package: import the file`)
    return
  }
  const asType = row.types.includes(target)
  if (!row.values.includes(target) && !asType) {
    report(found, 'import-table', path, line, `${pack.name} may not import '${target}'`)
    return
  }
  if (asType && !typeOnly) {
    report(found, 'import-table', path, line, `${pack.name} may import '${target}' with 'import type' alone`)
  }
  checkPublicEntry(found, path, specifier, line)
  const { dependencies = {}, peerDependencies = {} } = pack.manifest
  if (!(target in dependencies) && !(target in peerDependencies)) {
    report(found, 'declared', path, line, `'${target}' is neither in dependencies nor in peerDependencies`)
  }
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function checkPublicEntry(found, path, specifier, line) {
  const target = found.packages.get(packageOf(specifier))
  if (target === undefined) return
  const entry = `.${specifier.slice(packageOf(specifier).length)}`
  if (!(entry in (target.manifest.exports ?? {}))) {
    report(found, 'public-entry', path, line, `'${specifier}' is not in the exports of its package`)
  }
}

function checkManifest(found, pack, row) {
  const { exports = {}, publishConfig = {}, dependencies = {} } = pack.manifest
  const path = join(pack.dir, 'package.json')
  const documented = readJson(join(pack.dir, 'typedoc.json'))?.entryPoints ?? ['src/index.ts']
  for (const name of Object.keys(dependencies)) {
    if (!row.values.includes(name) && !row.types.includes(name)) {
      report(found, 'import-table', path, undefined, `${pack.name} may not depend on '${name}'`)
    }
  }
  for (const [entry, conditions] of Object.entries(exports)) {
    if (entry === './package.json') continue
    // In the repository the source is used as it stands, but for what asks for the compiled form (`--conditions=built`).
    const target = conditions.default ?? conditions
    const built = target.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.js')
    if (conditions.built !== built) {
      report(found, 'manifest', path, undefined, `exports['${entry}'].built is not '${built}'`)
    }
    const published = publishConfig.exports?.[entry] ?? {}
    if (published.default !== built || published.types !== built.replace(/\.js$/, '.d.ts')) {
      report(
        found,
        'manifest',
        path,
        undefined,
        `publishConfig.exports['${entry}'] is not '${built}' and its types`,
      )
    }
    if (!existsSync(join(pack.dir, target))) {
      report(found, 'manifest', path, undefined, `exports['${entry}'] names '${target}', which is missing`)
    }
    if (!documented.includes(target.slice(2))) {
      report(found, 'manifest', path, undefined, `typedoc.json does not list '${target.slice(2)}'`)
    }
  }
  for (const entry of Object.keys(publishConfig.exports ?? {})) {
    if (!(entry in exports))
      report(found, 'manifest', path, undefined, `'${entry}' is published without a source`)
  }
}

/** Everything but `./node`, and adapters with a folder `node` of their own, must load in a browser: nothing that it reaches may need Node. */
function checkEntriesAvoidNode(found, pack) {
  for (const [entry, conditions] of Object.entries(pack.manifest.exports ?? {})) {
    const start = join(pack.dir, conditions.default ?? conditions)
    if (inFolder(pack, start, 'node') || !pack.graph.has(start)) continue
    const own = join(dirname(start), 'node', '/')
    const route = chain(
      pack.graph,
      start,
      (path) => isNodeOnly(pack, path) && (entry === '.' || !path.startsWith(own)),
    )
    if (route === undefined) continue
    const steps = route.map((path) => shown(pack.dir, path)).join(' -> ')
    report(found, 'node-only', start, undefined, `entry '${entry}' reaches Node code: ${steps}`)
  }
}

function checkPackageCycles(found) {
  const graph = new Map()
  for (const [id, pack] of found.packages) {
    const specifiers = pack.modules.flatMap(({ imports }) =>
      imports.map(({ specifier }) => packageOf(specifier)),
    )
    graph.set(
      id,
      [...new Set(specifiers)].filter((target) => found.packages.has(target) && target !== id),
    )
  }
  for (const round of cycles(graph))
    report(found, 'no-cycle', join(found.root, 'packages'), undefined, round.join(' -> '))
}

/** Tests, examples and benchmarks see other packages as their users do. */
function checkOutsideSources(found) {
  const homes = [...found.packages.values()].map(({ dir }) => ({ dir, folders: ['test'] }))
  for (const name of directories(join(found.root, 'docs'))) {
    homes.push({ dir: join(found.root, 'docs', name), folders: ['src', 'test'] })
  }
  for (const { dir, folders } of homes) {
    for (const path of folders.flatMap((folder) => sourceFiles(join(dir, folder)))) {
      const module = readModule(path)
      checkFile(found, module)
      for (const { specifier, line } of module.imports) {
        if (!specifier.startsWith('.')) checkPublicEntry(found, path, specifier, line)
        else if (shown(dir, resolve(dirname(path), specifier)).startsWith('../')) {
          report(found, 'public-entry', path, line, `'${specifier}' leaves its own package`)
        }
      }
    }
  }
}

function checkFile(found, { path, lines }) {
  found.files += 1
  const name = basename(path)
  if (NAMELESS.test(name)) report(found, 'file-name', path, undefined, 'name the concept')
  if (!KEBAB.test(name)) report(found, 'file-name', path, undefined, 'file names are kebab-case')
  if (lines > LINES_LIMIT) {
    report(found, 'file-length', path, undefined, `${lines} lines, the limit is ${LINES_LIMIT}`)
  } else if (lines > LINES_WARNING) {
    found.warnings.push(`${shown(found.root, path)} has ${lines} lines: look twice`)
  }
}

/** Purity is checked by the compiler, so each core must be a TypeScript project of its own with nothing ambient in it. */
function checkProjects(found) {
  const listed = (readJson(join(found.root, 'tsconfig.json'))?.references ?? []).map(({ path }) => path)
  for (const pack of found.packages.values()) {
    const main = join(pack.dir, 'tsconfig.json')
    const projects = ['core', 'node']
      .map((folder) => join(pack.dir, 'src', folder))
      .filter((folder) => pack.modules.some(({ path }) => path.startsWith(join(folder, '/'))))
    for (const folder of projects) {
      const options = readJson(join(folder, 'tsconfig.json'))?.compilerOptions
      const name = shown(pack.dir, folder)
      if (options === undefined)
        report(found, 'projects', folder, undefined, 'needs a tsconfig.json of its own')
      else if (name === 'src/core' && ('lib' in options || 'types' in options)) {
        report(
          found,
          'projects',
          folder,
          undefined,
          'a core compiles with no ambient types: no lib, no types',
        )
      }
      if (!(readJson(main)?.exclude ?? []).includes(name))
        report(found, 'projects', main, undefined, `must exclude '${name}'`)
    }
    for (const folder of [pack.dir, ...projects]) {
      if (!listed.includes(shown(found.root, folder))) {
        report(
          found,
          'projects',
          join(found.root, 'tsconfig.json'),
          undefined,
          `must reference '${shown(found.root, folder)}'`,
        )
      }
    }
  }
}
