import { describe, expect, test } from 'vitest'
import { documentedSentences } from './documented-sentences.ts'
import { DOCUMENTED } from './documented-suites.ts'

describe.each(Object.entries(DOCUMENTED))('%s', (_name, { suite, file, others = [], unchecked }) => {
  const own = documentedSentences(file)
  const all = [...own, ...others.flatMap(documentedSentences)]

  test.each(suite.map(({ name, clause }) => [name, clause]))('%s', (_case, clause) => {
    expect(all).toContain(clause)
  })

  test('every sentence of the interface is checked, or known not to be', () => {
    const checked = new Set(suite.map(({ clause }) => clause))
    expect(own.filter((sentence) => !checked.has(sentence)).sort()).toEqual([...unchecked].sort())
  })

  test('names of cases are unique', () => {
    expect(new Set(suite.map(({ name }) => name)).size).toBe(suite.length)
  })
})
