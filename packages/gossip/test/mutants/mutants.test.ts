import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { editsOf, mutate } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { plantedModules, SRC } from './planted-module.ts'

describe('planted bugs of gossip', () => {
  it('are many, and have names of their own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })

  for (const mutant of MUTANTS) {
    it(`${mutant.name} still applies, in one place of each of its files, and compiles`, () => {
      const edits = editsOf(mutant)
      expect(new Set(edits.map(({ file }) => file)).size).toBe(edits.length)
      for (const edit of edits) {
        const source = readFileSync(new URL(edit.file, SRC), 'utf8')
        expect(mutate(source, edit, mutant.name)).not.toBe(source)
      }
      for (const { source } of plantedModules(mutant)) expect(source).toContain('export')
    })
  }

  it('that do not apply any more are told apart from those that apply twice', () => {
    const edit = { file: 'f.ts', find: 'one', replace: 'two' }
    expect(mutate('a one b', edit, 'm')).toBe('a two b')
    expect(() => mutate('a b', edit, 'm')).toThrow('f.ts has its text 0 times, not once')
    expect(() => mutate('one one', edit, 'm')).toThrow('f.ts has its text 2 times, not once')
  })
})
