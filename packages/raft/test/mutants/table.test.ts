import { expect, it } from 'vitest'
import { mutationTable } from './table.ts'

const mutant = (
  name: string,
): { name: string; breaks: string; file: string; find: string; replace: string } => ({
  name,
  breaks: `what ${name} breaks`,
  file: 'core/x.ts',
  find: '',
  replace: '',
})

it('tells for each planted bug when it was found and by which check, and adds up', () => {
  const page = mutationTable(
    [
      {
        part: 'a',
        mutant: mutant('one'),
        outcome: { seeds: 1, failed: { check: 'invariant: a | b', message: '' } },
      },
      {
        part: 'b',
        mutant: mutant('two'),
        outcome: { seeds: 40, failed: { check: 'crash: [RAFT_X] and so on', message: '' } },
      },
      { part: 'a', mutant: mutant('three'), outcome: { seeds: 2000 } },
      {
        part: 'b',
        mutant: mutant('four'),
        outcome: {
          seeds: 2,
          failed: {
            check: 'invariant: every step is one that the model allows',
            message:
              'every step is one that the model allows: a, leader of term 1, sent x to b: expected y, but z',
          },
        },
      },
    ],
    2000,
  )
  expect(page).toContain('3 of 4 found within 2000 seeds: 1 by the first')
  expect(page.match(/^## .*$/gm)).toEqual(['## Planted into a', '## Planted into b'])
  expect(page).toContain('| `one` | what one breaks | 1 | invariant: a \\| b |')
  expect(page).toContain('| `two` | what two breaks | 40 | crash: [RAFT_X] |')
  expect(page).toContain('| `three` | what three breaks | not in 2000 |  |')
  expect(page).toContain('| `four` | what four breaks | 2 | model: expected y, but z |')
})
