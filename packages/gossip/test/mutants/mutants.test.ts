import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mutate } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { plantedModule, SRC } from './planted-module.ts'

describe('planted bugs of gossip', () => {
  it('are many, and have names of their own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })

  for (const mutant of MUTANTS) {
    it(`${mutant.name} still applies, in one place, and compiles`, () => {
      const source = readFileSync(new URL(mutant.file, SRC), 'utf8')
      expect(mutate(source, mutant)).not.toBe(source)
      expect(plantedModule(mutant).source).toContain('export')
    })
  }

  it('that do not apply any more are told apart from those that apply twice', () => {
    const mutant = { name: 'm', breaks: '', file: 'f.ts', find: 'one', replace: 'two' }
    expect(mutate('a one b', mutant)).toBe('a two b')
    expect(() => mutate('a b', mutant)).toThrow('f.ts has its text 0 times, not once')
    expect(() => mutate('one one', mutant)).toThrow('f.ts has its text 2 times, not once')
  })
})
