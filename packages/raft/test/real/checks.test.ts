import { describe, expect, it } from 'vitest'
import { encodeCommandEntry } from '../../src/runtime/command-entry.ts'
import type { Entry } from '../../src/index.ts'
import { checkHistory } from './check-history.ts'
import { checkLogs } from './check-logs.ts'
import { checkMachines } from './check-machines.ts'
import { checkOrder } from './check-order.ts'
import { type Evidence, type KeptLog, type NodeDump, Problems } from './evidence.ts'
import type { Command } from './journal-machine.ts'
import type { Recorded } from './record.ts'

/** Two writes and three reads of one key, one after the other, as they should be. */
function honest(): { records: Recorded[]; dumps: NodeDump[]; logs: KeptLog[] } {
  const read = { process: 'c2', f: 'get', key: 'x', outcome: 'ok', node: 'b', staleMs: 0 } as const
  const write = { process: 'c1', f: 'append', key: 'x', outcome: 'ok', result: true, node: 'a' } as const
  const linearizable = { consistency: 'linearizable' } as const
  const local = { consistency: 'local', after: 2 } as const
  const records: Recorded[] = [
    { ...write, id: 'one', value: 'one,', index: 2, invokedAt: 0, completedAt: 10 },
    { ...read, demand: linearizable, result: 'one,', index: 2, invokedAt: 20, completedAt: 30 },
    { ...write, id: 'two', value: 'two,', index: 3, invokedAt: 40, completedAt: 50 },
    { ...read, demand: linearizable, result: 'one,two,', index: 3, invokedAt: 60, completedAt: 70 },
    {
      ...read,
      f: 'peek',
      demand: local,
      result: 'one,',
      index: 2,
      staleMs: 45,
      invokedAt: 80,
      completedAt: 81,
    },
  ]
  const machine = { index: 3, handles: 20, heapBytes: 1e6, values: [['x', 'one,two,']] } as const
  const journal = [
    [2, 'one'],
    [3, 'two'],
  ] as const
  const entries: Entry[] = [
    { term: 1, kind: 'noop', data: new Uint8Array(0) },
    entryOf('one'),
    entryOf('two'),
  ]
  return {
    records,
    dumps: ['a', 'b'].map((node) => ({ node, ...machine, journal })),
    logs: ['a', 'b'].map((node) => ({ node, firstIndex: 1, entries })),
  }
}

function entryOf(id: string, term = 1): Entry {
  const command: Command = { f: 'append', id, key: 'x', value: `${id},` }
  const data = encodeCommandEntry(new TextEncoder().encode(JSON.stringify(command)), undefined)
  return { term, kind: 'command', data }
}

/** What is found wrong when something is different from an honest run. */
function found(change: (run: ReturnType<typeof honest>) => Partial<Evidence & { logs: KeptLog[] }>): string {
  const run = honest()
  const evidence = { ...run, ...change(run) }
  const problems = new Problems()
  checkMachines(evidence, problems)
  checkOrder(evidence, problems)
  const [dump] = evidence.dumps
  checkHistory(evidence.records, dump?.journal ?? [], problems)
  if (dump !== undefined) checkLogs(evidence.logs, dump, problems)
  return problems.found.join('\n')
}

/** The records, one of them changed. */
function changed(at: number, change: Partial<Recorded>) {
  return ({ records }: ReturnType<typeof honest>): Partial<Evidence> => ({
    records: records.map((record, place) => (place === at ? { ...record, ...change } : record)),
  })
}

/** The machines, the second of them changed. */
function second(change: Partial<NodeDump>) {
  return ({ dumps }: ReturnType<typeof honest>): Partial<Evidence> => ({
    dumps: dumps.map((dump, place) => (place === 1 ? { ...dump, ...change } : dump)),
  })
}

function both(change: Partial<NodeDump>) {
  return ({ dumps }: ReturnType<typeof honest>): Partial<Evidence> => ({
    dumps: dumps.map((dump) => ({ ...dump, ...change })),
  })
}

/** The logs, the second of them with other entries. */
function log(...entries: Entry[]) {
  return ({ logs }: ReturnType<typeof honest>) => ({
    logs: logs.map((kept, place) => (place === 1 ? { ...kept, firstIndex: 2, entries } : kept)),
  })
}

describe('the checks of real runs', () => {
  it('find nothing wrong with an honest one', () => {
    expect(found(() => ({}))).toBe('')
  })

  it.each([
    ['a write that was lost', both({ journal: [[3, 'two']] }), 'lost: one'],
    ['a write elsewhere than its client was told', changed(0, { index: 1 }), 'moved: one'],
    ['a refused write that was applied', changed(0, { outcome: 'fail' }), 'rejected: one'],
    ['a write that nobody made', changed(0, { id: 'other' }), 'invented: one'],
    [
      'a write that was applied twice',
      both({
        journal: [
          [2, 'one'],
          [3, 'two'],
          [4, 'two'],
        ],
      }),
      'twice: two',
    ],
    ['machines that differ', second({ values: [['x', 'one,']] }), 'the maps of a and b differ'],
    ['journals that differ', second({ journal: [[2, 'one']] }), 'the journals of a and b differ'],
    ['a machine behind the others', second({ index: 2 }), 'have applied 3 and 2'],
    ['handles that are never let go of', second({ handles: 1000 }), 'handles: b'],
    ['a read that missed what was over', changed(3, { index: 2, result: 'one,' }), 'time: get'],
    ['a result that was never there', changed(3, { result: 'two,' }), 'result: get'],
    ['a read older than it said', changed(4, { staleMs: 20 }), 'age: peek'],
    [
      'a read before the index that it was to be after',
      changed(4, { index: 1, result: null }),
      'to be after 2',
    ],
    [
      'a bounded read that may be too old',
      changed(4, { demand: { consistency: 'bounded', maxStalenessMs: 30 } }),
      '30 were allowed',
    ],
    ['a history that no order explains', changed(1, { result: 'two,' }), 'history: nothing explains get'],
    ['a log without what was applied', log(entryOf('one')), 'b has only 2 of the 3'],
    ['a log with another command', log(entryOf('one'), entryOf('three')), 'b has three at 3'],
    ['a log with an entry of another term', log(entryOf('one', 2), entryOf('two')), 'different entries at 2'],
  ])('convict %s', (_name, change, expected) => {
    expect(found(change)).toContain(expected)
  })
})
