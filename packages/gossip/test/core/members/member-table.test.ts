import { describe, expect, it } from 'vitest'
import { type MemberRow, MemberTable } from '../../../src/core/members/member-table.ts'

function row(id: string, more: Partial<MemberRow> = {}): MemberRow {
  const incarnation = { epoch: 5_000_000_000, counter: 7 }
  return { incarnation, status: 'alive', address: `at-${id}`, zone: '', accuser: id, bare: false, ...more }
}

describe('the table of members', () => {
  it('gives back what was written, also after it has grown', () => {
    const table = new MemberTable()
    for (let n = 0; n < 100; n++) table.add(`n${n}`, row(`n${n}`, { zone: `z${n % 3}` }))
    for (let n = 0; n < 100; n++) {
      const index = table.indexOf(`n${n}`)
      expect(table.rowAt(index)).toEqual(row(`n${n}`, { zone: `z${n % 3}` }))
    }
    const suspect = row('n5', { status: 'suspect', accuser: 'n6', bare: true })
    table.write(table.indexOf('n5'), suspect)
    expect(table.rowAt(table.indexOf('n5'))).toEqual(suspect)
    table.write(table.indexOf('n5'), row('n5'))
    expect(table.rowAt(table.indexOf('n5')).accuser).toBe('n5')
  })

  it('uses free places again, and forgets what was there', () => {
    const table = new MemberTable()
    const first = table.add('a', row('a', { status: 'suspect', accuser: 'b', zone: 'z' }))
    table.add('b', row('b'))
    table.remove(first)
    expect([table.indexOf('a'), table.size, [...table.indexes()]]).toEqual([-1, 1, [1]])
    expect(table.add('c', row('c'))).toBe(first)
    expect(table.rowAt(first)).toEqual(row('c'))
    expect(table.memberAt(first).id).toBe('c')
  })
})
