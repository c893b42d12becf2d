import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const REPORT = join(import.meta.dirname, '../../src/report')

/**
 * `src/report/page-script.ts` as it must be: the sources of the page as one script, with its fingerprint. Each file becomes its statements, a line each,
 * in an order in which nothing is used before it is there; so names must differ between files, which is checked.
 */
export function bundledPage(): string {
  const statements = collect(join(REPORT, 'page/main.ts'), new Set())
  refuseDoubles(statements)
  const script = ['(() => {', "'use strict';", ...statements.map(({ code }) => code), 'start();', '})();']
  const text = `\n${script.join('\n')}\n`
  if (/<\/script|<!--/i.test(text)) throw new Error('the script of the page would end its own element')
  const hash = createHash('sha256').update(text).digest('base64')
  return [
    "// The files of src/report/page as one script, made by test/report/page-script.test.ts: don't edit, run",
    '// `npx vitest run -u packages/testing/test/report/page-script.test.ts` after a change to one of them.',
    '',
    '/** SHA-256 of {@link PAGE_SCRIPT}, for the policy that lets no other script run. */',
    `export const PAGE_SCRIPT_HASH: string = '${hash}'`,
    '',
    '/** What runs in the page. */',
    `export const PAGE_SCRIPT: string = \`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``,
    '',
  ].join('\n')
}

interface Statement {
  readonly code: string
  readonly names: readonly string[]
}

/** The statements of a file after those of the files that it imports. */
function collect(path: string, visited: Set<string>): Statement[] {
  if (visited.has(path)) return []
  visited.add(path)
  const source = ts.createSourceFile(path, plainScript(path), ts.ScriptTarget.ES2022, true)
  const statements: Statement[] = []
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) statements.push(...imported(path, statement, visited))
    else if (!ts.isExportDeclaration(statement)) statements.push(plain(statement))
  }
  return statements
}

function plainScript(path: string): string {
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  })
  return outputText
}

function imported(path: string, statement: ts.ImportDeclaration, visited: Set<string>): Statement[] {
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text
  const bindings = statement.importClause?.namedBindings
  const renamed =
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.some(({ propertyName }) => propertyName !== undefined)
  if (!specifier.startsWith('.') || renamed)
    throw new Error(`${path}: the page can't import ${statement.getText()}`)
  return collect(join(dirname(path), specifier), visited)
}

/** A statement on one line, without `export`. The compiler ended it with a semicolon, so lines can be joined. */
function plain(statement: ts.Statement): Statement {
  const lines = statement.getText().split('\n')
  const code = lines
    .map((line) => line.trim())
    .join(' ')
    .replace(/^export /, '')
  const names = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.map(({ name }) => name.getText())
    : ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)
      ? [statement.name?.text ?? '']
      : []
  return { code, names }
}

function refuseDoubles(statements: readonly Statement[]): void {
  const seen = new Set<string>()
  for (const name of statements.flatMap(({ names }) => names)) {
    if (seen.has(name)) throw new Error(`two files of the page declare '${name}'`)
    seen.add(name)
  }
}
