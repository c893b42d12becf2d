import { describe, expect, it } from 'vitest'
import { formatMs, formatRate, formatRatio, formatTable } from '../src/measure/table.ts'

describe('formatTable', () => {
  it('pads a markdown table so that its columns stand in line', () => {
    const columns = [
      { title: 'system', align: 'left' },
      { title: 'ops/s', align: 'right' },
    ] as const
    const rows = [
      ['etcd', '1,589'],
      ['colony', '12'],
    ]
    expect(formatTable(columns, rows)).toBe(
      ['| system | ops/s |', '| ------ | ----: |', '| etcd   | 1,589 |', '| colony |    12 |'].join('\n'),
    )
  })
})

describe('figures', () => {
  it('are short, and a dash when there are none', () => {
    expect([17_560.4, Number.NaN].map(formatRate)).toEqual(['17,560', '–'])
    expect([0.314, 9.84, 412.3, Number.NaN].map(formatMs)).toEqual(['0.31', '9.8', '412', '–'])
    expect([1.234, 14.26, Infinity].map(formatRatio)).toEqual(['1.23×', '14.3×', '–'])
  })
})
