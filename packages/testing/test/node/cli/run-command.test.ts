import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runCommand } from '../../../src/node/cli/run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'colony-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly error: string
  /** The last line of output. */
  readonly last: unknown
}

function run(...args: readonly string[]): Ran {
  let out = ''
  let error = ''
  const code = runCommand(args, { out: (text) => void (out += text), error: (text) => void (error += text) })
  const last = out.trimEnd().split('\n').at(-1) ?? ''
  return { code, out, error, last: last.startsWith('{') ? JSON.parse(last) : undefined }
}

function file(content: string | Uint8Array): string {
  const path = join(folder, 'history.jsonl')
  writeFileSync(path, content)
  return path
}

const text = (...rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const done = (process: number, f: string, fields: object, result?: unknown): unknown[] => [
  { process, type: 'invoke', f, ...fields },
  { process, type: 'ok', f, result },
]
const write = (process: number, value: unknown): unknown[] => done(process, 'write', { value })
const read = (process: number, result: unknown): unknown[] => done(process, 'read', {}, result)
const stale = text(...write(0, 1), ...write(1, 2), ...read(2, 1))

describe('verdicts, on the last line and as exit codes', () => {
  test('0: ok', () => {
    const { code, last, out } = run('check', file(text(...write(0, 1), ...read(1, 1))), '--model', 'register')
    expect(code).toBe(0)
    expect(last).toEqual({ verdict: 'ok', operations: 2, ms: expect.any(Number) as number })
    expect(out.split('\n')).toHaveLength(2)
  })

  test('all operations of the file are counted, also those that failed', () => {
    const failed = [
      { process: 3, type: 'invoke', f: 'write', value: 9 },
      { process: 3, type: 'fail' },
    ]
    const { last } = run('check', file(text(...write(0, 1), ...failed)), '--model', 'register')
    expect(last).toMatchObject({ verdict: 'ok', operations: 2 })
  })

  test('1: illegal, with the operation and its line', () => {
    const { code, last, out } = run('check', file(stale), '--model', 'cas-register')
    expect(code).toBe(1)
    expect(last).toEqual({ verdict: 'illegal', operations: 3, ms: expect.any(Number) as number })
    expect(out).toContain('line 5: process 2 read → 1')
    expect(out).toContain('line 3: process 1 write 2 → ok')
  })

  test('2: unknown, at the budget', () => {
    const appends = Array.from({ length: 30 }, (_, process) => ({
      process,
      type: 'invoke',
      f: 'append',
      value: `${process} `,
    }))
    const ends = appends.map(({ process }) => ({ process, type: 'ok' }))
    const path = file(
      text(...appends, { process: 99, type: 'invoke', f: 'get' }, ...ends, {
        process: 99,
        type: 'ok',
        result: 'x',
      }),
    )
    const { code, last } = run('check', path, '--model', 'map', '--budget', '20000')
    expect(code).toBe(2)
    expect(last).toMatchObject({ verdict: 'unknown', operations: 31 })
  })

  test('other kinds of consistency', () => {
    const path = file(stale)
    expect(run('check', path, '--model', 'register', '--consistency', 'sequential').code).toBe(0)
    expect(run('check', path, '--model', 'register', '--consistency', 'session').code).toBe(0)
    const back = file(text(...write(0, 1), ...write(0, 2), ...read(1, 2), ...read(1, 1)))
    expect(run('check', back, '--model', 'register', '--consistency', 'sequential').code).toBe(1)
    const { code, out } = run('check', back, '--model', 'register', '--consistency=session')
    expect(code).toBe(1)
    expect(out).toMatch(/'monotonic reads' is broken by\n {2}line 7: .*\nagainst\n {2}line 5: /)
  })

  test('an initial state, also one that begins with a dash', () => {
    const path = file(text(...read(0, -5)))
    expect(run('check', path, '--model', 'register', '--initial', '-5').code).toBe(0)
    expect(run('check', path, '--model', 'counter', '--initial=-5').code).toBe(0)
    expect(run('check', path, '--model', 'register').code).toBe(1)
    const bank = file(
      text(...done(0, 'transfer', { value: { from: 'a', to: 'b', amount: 2 } }), ...read(1, { a: 1, b: 2 })),
    )
    expect(run('check', bank, '--model', 'bank', '--initial', '{"a":3,"b":0}').code).toBe(0)
    expect(run('check', bank, '--model', 'bank', '--initial', '{"a":4,"b":0}').code).toBe(1)
  })
})

describe('3: what cannot be read, with the line and the reason', () => {
  test.each<readonly [string, string | Uint8Array, RegExp]>([
    ['no JSON', `${stale}{"process":`, /history\.jsonl:7: not JSON/],
    ['a completion of nothing', text({ process: 0, type: 'ok' }), /history\.jsonl:1: 'ok' of process 0/],
    ['a verb of another model', text(...done(0, 'enqueue', { value: 1 })), /history\.jsonl:1: .*'enqueue'/],
    [
      'arguments of the wrong form',
      `${stale}${text(...done(0, 'cas', { value: 1 }))}`,
      /history\.jsonl:7: .*'cas'/,
    ],
    ['no UTF-8', Uint8Array.from([...Buffer.from(stale), 0xff, 0x0a]), /history\.jsonl:7: not UTF-8/],
  ])('%s', (_, content, reason) => {
    const { code, out, error } = run('check', file(content), '--model', 'cas-register')
    expect(error).toMatch(reason)
    expect(code).toBe(3)
    expect(out).toBe('')
  })

  test('a file that is not there, and a folder', () => {
    expect(run('check', join(folder, 'none.jsonl'), '--model', 'set')).toMatchObject({
      code: 3,
      error: expect.stringContaining('ENOENT') as string,
    })
    expect(run('check', folder, '--model', 'set').code).toBe(3)
  })

  test.each<readonly [string, readonly string[], RegExp]>([
    ['no command', [], /'check'/],
    ['no file', ['check'], /which file/],
    ['no model', ['check', 'x'], /--model/],
    ['no such model', ['check', 'x', '--model', 'toString'], /no model 'toString'/],
    ['no such consistency', ['check', 'x', '--model', 'set', '--consistency', 'strong'], /'strong'/],
    ['no JSON', ['check', 'x', '--model', 'set', '--initial', '{'], /--initial/],
    [
      'an initial state of another form',
      ['check', 'x', '--model', 'set', '--initial', '{}'],
      /a list of its members/,
    ],
    ['no budget', ['check', 'x', '--model', 'set', '--budget', 'all'], /--budget/],
    ['no such option', ['check', 'x', '--modell', 'set'], /--modell/],
    ['two files', ['check', 'x', 'y', '--model', 'set'], /one file/],
  ])('arguments that make no sense: %s', (_, args, reason) => {
    const { code, error } = run(...args)
    expect(error).toMatch(reason)
    expect(code).toBe(3)
  })

  test('session guarantees of what has no versions', () => {
    const { code, error } = run('check', file(''), '--model', 'queue', '--consistency', 'session')
    expect([code, error]).toEqual([3, expect.stringContaining('registers and maps') as string])
  })
})

test('help', () => {
  expect(run('--help')).toMatchObject({
    code: 0,
    out: expect.stringContaining('usage: testing check') as string,
  })
})
