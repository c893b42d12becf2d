// Typechecks the ```ts fences of the READMEs and guides against the workspace, as a reader's own files would be.
//   ```ts            a program of its own
//   ```ts continue   goes on where the fence before it ended
//   ```ts ignore     not checked
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
// Below docs/examples, because that is where every package resolves by its public name.
const cache = join(root, 'docs/examples/node_modules/.cache/readme-check')
const programs = documents().flatMap(programsOf)
rmSync(cache, { recursive: true, force: true })
mkdirSync(cache, { recursive: true })
for (const { file, text } of programs) writeFileSync(join(cache, file), text)
writeFileSync(
  join(cache, 'tsconfig.json'),
  JSON.stringify({
    extends: join(root, 'tsconfig.check.json'),
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [],
    files: programs.map(({ file }) => file),
  }),
)
if (programs.length > 0) {
  const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', cache, '--pretty', 'false'], {
    cwd: cache,
    encoding: 'utf8',
  })
  process.stdout.write(located(stdout))
  process.exitCode = status
}
console.log(
  `readme: ${programs.length} programs in fences ${process.exitCode ? 'do not compile' : 'compile'}`,
)

function documents() {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)
  const guides = existsSync(join(root, 'docs/guides')) ? readdirSync(join(root, 'docs/guides')) : []
  return ['README.md', ...packages, ...guides.map((name) => `docs/guides/${name}`)].filter(
    (path) => path.endsWith('.md') && existsSync(join(root, path)),
  )
}

/** One program for each fence that starts one. Blank lines stand in for the prose, so that line numbers are the document's. */
function programsOf(document) {
  const programs = []
  let language
  readFileSync(join(root, document), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const fence = /^\s*```\s*(.*)$/.exec(line)
      if (fence !== null && language === undefined) {
        language = fence[1].trim()
        const starts = language === 'ts' || (language === 'ts continue' && programs.length === 0)
        if (starts) programs.push({ document, lines: ['export {}'] })
      } else if (fence !== null) {
        language = undefined
      } else if (language === 'ts' || language === 'ts continue') {
        const { lines } = programs.at(-1)
        while (lines.length < index) lines.push('')
        lines.push(line)
      }
    })
  return programs.map(({ lines }, index) => ({
    file: `${document.replaceAll('/', '__')}.${index + 1}.mts`,
    text: `${lines.join('\n')}\n`,
  }))
}

/** The compiler's output with documents in the place of the files that were made of them. */
function located(output) {
  return output.replaceAll(/^(\S+)\.\d+\.mts\(/gm, (_, name) => `${name.replaceAll('__', '/')}(`)
}
