import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'

/** A test as it stands in the source. */
export interface FoundTest {
  /** The titles of the blocks around it and its own, with ` > ` between; where a title is made of parts, its source. */
  readonly name: string
  /** From the root of the repository, with `/`. */
  readonly file: string
  /** 1 and up. */
  readonly line: number
}

/** Where tests are, and the cases of the suites that others run: lists with names. */
const DIRECTORIES = ['packages', '.ci', 'docs']
const TEST = /^(packages\/[^/]+|\.ci|docs\/[^/]+)\/test\/.*\.(test|sim)\.ts$/
const CASES = /^packages\/testing\/src\/conformance\/.*-cases\.ts$/
/** Each is a test of the name of its file. */
const TRANSCRIPT = /^packages\/raft\/test\/transcripts\/(?!README)[^/]+\.md$/

/** Every test of the repository, read from the sources without running them. */
export function findTests(root: string): readonly FoundTest[] {
  const files = DIRECTORIES.flatMap((directory) => filesBelow(root, directory))
  const tests = files.filter((file) => TEST.test(file)).flatMap((file) => testsIn(root, file))
  const cases = files.filter((file) => CASES.test(file)).flatMap((file) => casesIn(root, file))
  const transcripts = files.filter((file) => TRANSCRIPT.test(file))
  return [...tests, ...cases, ...transcripts.map((file) => ({ name: titleOf(file), file, line: 1 }))]
}

function filesBelow(root: string, directory: string): readonly string[] {
  const files: string[] = []
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`
    if (entry.isFile()) files.push(path)
    else if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist')
      files.push(...filesBelow(root, path))
  }
  return files.sort()
}

function titleOf(transcript: string): string {
  return `transcripts > ${basename(transcript, '.md').replaceAll('-', ' ')}`
}

function parse(root: string, file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart()).line + 1
}

/** `describe`, `it` and `test` with a title that stands there, also behind `each` and the like. */
function testsIn(root: string, file: string): readonly FoundTest[] {
  const source = parse(root, file)
  const found: FoundTest[] = []
  const visit = (node: ts.Node, around: readonly string[]): void => {
    const call = ts.isCallExpression(node) ? calledBy(node) : undefined
    const isBlock = call?.called === 'describe'
    const inside = call !== undefined && isBlock ? [...around, call.title] : around
    if (call !== undefined && !isBlock)
      found.push({ name: [...around, call.title].join(' > '), file, line: lineOf(source, node) })
    ts.forEachChild(node, (child) => visit(child, inside))
  }
  visit(source, [])
  return found
}

function calledBy(call: ts.CallExpression): { readonly called: string; readonly title: string } | undefined {
  const [first] = call.arguments
  const title = first === undefined ? undefined : textOf(first)
  let callee: ts.Expression = call.expression
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression
  if (title === undefined || !ts.isIdentifier(callee)) return undefined
  const called = callee.text
  return called === 'describe' || called === 'it' || called === 'test' ? { called, title } : undefined
}

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  return ts.isTemplateExpression(node) ? node.getText().slice(1, -1) : undefined
}

/** `{ name: '…' }` in a list of cases: `storage conformance > …`. */
function casesIn(root: string, file: string): readonly FoundTest[] {
  const source = parse(root, file)
  const suite = `${basename(dirname(file))} conformance`
  const found: FoundTest[] = []
  const visit = (node: ts.Node): void => {
    const isName = ts.isPropertyAssignment(node) && node.name.getText() === 'name'
    const text = isName ? textOf(node.initializer) : undefined
    if (text !== undefined) found.push({ name: `${suite} > ${text}`, file, line: lineOf(source, node) })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
