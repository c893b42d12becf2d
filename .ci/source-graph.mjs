// Reads the TypeScript sources of the workspace as a graph: which file names which module, and how.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'

/** Every `.ts` file under `directory`, sorted; none when it does not exist. */
export function sourceFiles(directory) {
  if (!existsSync(directory)) return []
  const found = []
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist') {
      found.push(...sourceFiles(path))
    } else if (entry.isFile() && /\.[cm]?tsx?$/.test(entry.name)) {
      found.push(path)
    }
  }
  return found.sort()
}

/** A JSON file with comments allowed, or `undefined` when it does not exist. */
export function readJson(path) {
  if (!existsSync(path)) return undefined
  return ts.parseConfigFileTextToJson(path, readFileSync(path, 'utf8')).config
}

/** `path` below `root` with forward slashes, as it is shown and compared. */
export function shown(root, path) {
  return relative(root, path).split(sep).join('/')
}

/**
 * What one file says: its modules (`typeOnly` when nothing of the statement remains in JavaScript), where it is asynchronous,
 * and where it uses the console.
 */
export function readModule(path) {
  const text = readFileSync(path, 'utf8')
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const module = { path, lines: source.getLineStarts().length, imports: [], asynchronous: [], consoles: [] }
  if (text.endsWith('\n')) module.lines -= 1
  visit(source, source, module)
  return module
}

function visit(node, source, module) {
  const line = () => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
  const named = importOf(node)
  if (named !== undefined) module.imports.push({ ...named, line: line() })
  if (node.kind === ts.SyntaxKind.AsyncKeyword) module.asynchronous.push({ what: 'async', line: line() })
  if (node.kind === ts.SyntaxKind.AwaitKeyword || ts.isAwaitExpression(node)) {
    module.asynchronous.push({ what: 'await', line: line() })
  }
  if (ts.isIdentifier(node) && (node.text === 'Promise' || node.text === 'PromiseLike')) {
    module.asynchronous.push({ what: node.text, line: line() })
  }
  if (
    ts.isPropertyAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'console'
  ) {
    module.consoles.push({ line: line() })
  }
  ts.forEachChild(node, (child) => visit(child, source, module))
}

/** The module that a node names, if it is one of the six ways to name one. */
function importOf(node) {
  const literal = (expression) =>
    expression !== undefined && ts.isStringLiteralLike(expression) ? expression.text : undefined
  let specifier
  let typeOnly = false
  if (ts.isImportDeclaration(node)) {
    // `import { type A }` leaves `import {}` behind (verbatimModuleSyntax), so only `import type` counts as types alone.
    specifier = literal(node.moduleSpecifier)
    typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
  } else if (ts.isExportDeclaration(node)) {
    specifier = literal(node.moduleSpecifier)
    typeOnly = node.isTypeOnly
  } else if (ts.isImportTypeNode(node)) {
    specifier = ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined
    typeOnly = true
  } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    specifier = literal(node.moduleReference.expression)
    typeOnly = node.isTypeOnly
  } else if (ts.isCallExpression(node)) {
    const callee = node.expression
    const loads =
      callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
    if (loads) specifier = literal(node.arguments[0])
  }
  return specifier === undefined ? undefined : { specifier, typeOnly }
}

/** Groups of nodes that reach each other (Tarjan 1972), each as one shortest round trip: `[a, b, a]`. */
export function cycles(graph) {
  const index = new Map()
  const low = new Map()
  const stack = []
  const onStack = new Set()
  const rounds = []
  const connect = (node) => {
    index.set(node, index.size)
    low.set(node, index.get(node))
    stack.push(node)
    onStack.add(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        connect(next)
        low.set(node, Math.min(low.get(node), low.get(next)))
      } else if (onStack.has(next)) {
        low.set(node, Math.min(low.get(node), index.get(next)))
      }
    }
    if (low.get(node) !== index.get(node)) return
    const group = stack.splice(stack.indexOf(node))
    for (const member of group) onStack.delete(member)
    const loops = group.length > 1 || (graph.get(node) ?? []).includes(node)
    if (loops) rounds.push(chain(graph, node, (next) => next === node))
  }
  for (const node of graph.keys()) if (!index.has(node)) connect(node)
  return rounds
}

/** A shortest chain of at least one step from `start` to a node that `isGoal` accepts; `undefined` when there is none. */
export function chain(graph, start, isGoal) {
  const queue = [[start]]
  const seen = new Set()
  for (const path of queue) {
    for (const next of graph.get(path.at(-1)) ?? []) {
      if (isGoal(next)) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      queue.push([...path, next])
    }
  }
  return undefined
}
