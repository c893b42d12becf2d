import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { mutate } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

const SRC = new URL('../../src/', import.meta.url)

/** What a compiler that does not know types finds wrong. */
function syntaxErrors(source: string, fileName: string): readonly string[] {
  const { diagnostics = [] } = ts.transpileModule(source, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe('planted bugs', () => {
  it('are many, and have names of their own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(60)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })

  for (const mutant of MUTANTS) {
    it(`${mutant.name} still applies, in one place, and compiles`, () => {
      const source = readFileSync(new URL(mutant.file, SRC), 'utf8')
      const mutated = mutate(source, mutant)
      expect(mutated).not.toBe(source)
      expect(syntaxErrors(mutated, mutant.file)).toEqual([])
    })
  }

  it('that do not apply any more are told apart from those that apply twice', () => {
    const mutant = { name: 'm', breaks: '', file: 'f.ts', find: 'one', replace: 'two' }
    expect(mutate('a one b', mutant)).toBe('a two b')
    expect(() => mutate('a b', mutant)).toThrow('f.ts has its text 0 times, not once')
    expect(() => mutate('one one', mutant)).toThrow('f.ts has its text 2 times, not once')
  })
})
