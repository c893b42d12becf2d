import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHAPTERS, MISSING } from '../../packages/raft/test/features/chapters.ts'
import { findTests } from '../../packages/raft/test/features/find-tests.ts'
import { PAGE, withoutLines, writeTables } from '../../packages/raft/test/features/page.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, PAGE), 'utf8')
const tests = findTests(root)

describe('the tables of the guide to raft', () => {
  it('are what `pnpm docs:features` writes: every test that they name is there', () => {
    expect(withoutLines(writeTables(page, CHAPTERS, MISSING, tests))).toBe(withoutLines(page))
  })

  it('cannot name a test that is not there, or have a row that no test is named after', () => {
    const features = [
      { name: 'Flight', does: '', use: '', tests: ['birds > fly'] as const },
      {
        name: 'Pre-vote',
        does: '',
        use: '',
        tests: ['elections > answers a vote only when it is durable'] as const,
      },
    ]
    expect(() => writeTables(page, [{ title: 'x', features }], [], tests)).toThrow(
      [
        'Flight: none of its tests has "Flight" in its name',
        'Flight: there are 0 tests "birds > fly"',
        'Pre-vote: none of its tests has "Pre-vote" in its name',
      ].join('\n'),
    )
  })

  it('name a feature once', () => {
    const names = CHAPTERS.flatMap(({ features }) => features.map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  })
})
