import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/errors.md'), 'utf8')

/** The file of each package's codes: the only place where its `…ErrorCode` union is declared. */
const homes = ['src/errors.ts', 'src/core/error.ts', 'src/core/ring-error.ts']

function codesInSource(): Map<string, readonly string[]> {
  const codes = new Map<string, readonly string[]>()
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    for (const home of homes) {
      const found = unionsOf(join(root, 'packages', name, home))
      if (found.length > 0) codes.set(name, found)
    }
  }
  return codes
}

/** Members of every exported `…ErrorCode` union of string literals in a file. */
function unionsOf(path: string): readonly string[] {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    if (!ts.isTypeAliasDeclaration(statement) || !statement.name.text.endsWith('ErrorCode')) return []
    const members = ts.isUnionTypeNode(statement.type) ? statement.type.types : [statement.type]
    return members.flatMap((member) =>
      ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal) ? [member.literal.text] : [],
    )
  })
}

/** The headings below `## @colony/<name>`, with the text of each. */
function sectionsOf(name: string): ReadonlyArray<readonly [code: string, text: string]> {
  const part = guide.split(/^## /m).find((text) => text.startsWith(`@colony/${name}\n`)) ?? ''
  return part
    .split(/^### /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')).trim(), text] as const)
}

const source = codesInSource()

describe('the guide to errors', () => {
  it('knows the packages with codes', () => {
    expect([...source.keys()]).toEqual(expect.arrayContaining(['host', 'raft']))
    const chapters = [...guide.matchAll(/^## @colony\/(.+)$/gm)].map(([, name]) => String(name))
    expect(chapters.sort()).toEqual([...source.keys()].sort())
  })

  it.each([...source])(
    'has exactly one heading for each code of @colony/%s, in the same order',
    (name, codes) => {
      expect(sectionsOf(name).map(([code]) => code)).toEqual(codes)
    },
  )

  it.each([...source])('says for each code of @colony/%s what to do and whether to retry', (name) => {
    for (const [code, text] of sectionsOf(name)) {
      expect(text, code).toContain('**Do:**')
      expect(text, code).toContain('**Retryable:**')
    }
  })

  it('has no heading without a package', () => {
    const headings = [...guide.matchAll(/^### (.+)$/gm)].map(([, code]) => String(code))
    expect(headings.sort()).toEqual([...source.values()].flat().sort())
  })
})
