import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdingsOf, readAudit, writeAudit } from '../../src/bank/audit-file.ts'
import { Bank } from '../../src/bank/bank-machine.ts'
import { decodeRecord, encodeRecord } from '../../src/bank/operation-record.ts'
import { quantile, sorted } from '../../src/bank/quantile.ts'
import { readRecords, RecordWriter } from '../../src/bank/record-file.ts'
import { honestRun } from './honest-run.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'colony-test-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

describe('records', () => {
  it('come back from a file as they were, times exact, unknown outcomes still unknown', async () => {
    const { records } = honestRun()
    const { result: _, ...transfer } = records.find(({ kind }) => kind === 'transfer') as never as {
      result: 1
    }
    const unknown = { ...transfer, completedAt: Infinity } as unknown as (typeof records)[0]
    const times = { invokedAt: 123456789.123456, completedAt: 123456790.000001 }
    const unbounded = {
      kind: 'history',
      ...times,
      account: 'A1',
      index: 3,
      staleMs: null,
      newest: 0,
    } as const
    const all = [...records, unknown, unbounded]
    const file = join(directory, 'c1.jsonl')
    const writer = new RecordWriter(file)
    for (const record of all) writer.add(record)
    await writer.close()
    expect(await readRecords(file)).toEqual(all)
    expect(decodeRecord(encodeRecord(unknown))).toEqual(unknown)
  })
})

describe('audits', () => {
  it('come back as the bank was', async () => {
    const bank = new Bank({ accounts: ['x', 'y'], openingBalance: 50 })
    bank.apply({ id: 't1', from: 'x', to: 'y', amount: 20 }, { index: 2 })
    bank.apply({ id: 't2', from: 'x', to: 'y', amount: 40 }, { index: 4 })
    const file = join(directory, 'n1.audit')
    await writeAudit(file, 5, holdingsOf(bank))
    expect(await readAudit('n1', file)).toEqual({
      node: 'n1',
      appliedIndex: 5,
      balances: { x: 30, y: 70 },
      ledger: bank.ledger(),
    })
  })
})

describe('quantile', () => {
  it('takes the nearest rank', () => {
    const values = sorted([5, 1, 4, 2, 3])
    expect([0, 0.2, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 1, 3, 5, 5])
    expect(quantile([], 0.5)).toBeNaN()
  })
})
