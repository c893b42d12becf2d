import { describe, expect, it } from 'vitest'
import { AwaitedEntries } from '../../src/runtime/awaited-entries.ts'

const outcome = { status: 'applied', index: 0, value: 0, encoded: undefined } as const

/** Awaited entries, and what each waiter was told: "name@index" when applied, "name-" when superseded, "name?" when lost. */
function setUp() {
  const entries = new AwaitedEntries<number>()
  const told: string[] = []
  const add = (index: number, term: number, name = `${term}/${index}`): void => {
    entries.add(index, term, {
      applied: (at) => told.push(`${name}@${at}`),
      superseded: () => told.push(`${name}-`),
      lost: () => told.push(`${name}?`),
    })
  }
  const settle = (from: number, to: number, term: number): void => {
    for (let index = from; index <= to; index++) entries.settle(index, term, outcome)
  }
  const lose = (index: number): void => entries.loseUpTo(index)
  return { add, settle, lose, told }
}

describe('awaited entries', () => {
  it('are lost when a snapshot takes their place, each once, and those behind it are not', () => {
    const { add, settle, lose, told } = setUp()
    for (const index of [5, 6, 7, 8]) add(index, 1)
    settle(1, 5, 1)
    add(6, 2)
    lose(7)
    expect(told).toEqual(['1/5@5', '2/6?', '1/7?', '1/6?'])
    lose(7)
    settle(8, 8, 1)
    expect(told.slice(4)).toEqual(['1/8@8'])
  })

  it('are told of their index, each once', () => {
    const { add, settle, told } = setUp()
    for (const index of [5, 6, 7]) add(index, 1)
    settle(1, 8, 1)
    settle(9, 20, 1)
    expect(told).toEqual(['1/5@5', '1/6@6', '1/7@7'])
  })

  it('may be added while others are being settled, with gaps between', () => {
    const { add, settle, told } = setUp()
    add(3, 1)
    add(9, 1)
    settle(1, 4, 1)
    add(12, 1)
    settle(5, 12, 1)
    add(13, 1)
    settle(13, 13, 1)
    expect(told).toEqual(['1/3@3', '1/9@9', '1/12@12', '1/13@13'])
  })

  it('are superseded by an entry of another term', () => {
    const { add, settle, told } = setUp()
    add(3, 1)
    settle(1, 3, 2)
    expect(told).toEqual(['1/3-'])
  })

  it('of several terms at one index: one at most is applied, the others are superseded', () => {
    const { add, settle, told } = setUp()
    for (const term of [1, 3, 5]) add(7, term)
    settle(1, 7, 3)
    expect(told.toSorted()).toEqual(['1/7-', '3/7@7', '5/7-'])
  })

  it('may stand below those that are awaited, after the log was cut', () => {
    const { add, settle, told } = setUp()
    for (const index of [10, 11]) add(index, 1)
    add(6, 4)
    add(10, 4)
    settle(1, 11, 4)
    expect(told).toEqual(['4/6@6', '4/10@10', '1/10-', '1/11-'])
  })

  it('may be very many at once', () => {
    const { add, settle, told } = setUp()
    for (let index = 1; index <= 10_000; index++) add(index, 1)
    settle(1, 5000, 1)
    for (let index = 10_001; index <= 12_000; index++) add(index, 1)
    settle(5001, 12_000, 1)
    expect(told).toHaveLength(12_000)
    expect(new Set(told).size).toBe(12_000)
  })
})
