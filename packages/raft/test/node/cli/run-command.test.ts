import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../src/node/cli/run-command.ts'
import { fileStorage } from '../../../src/node/index.ts'
import { IDENTITY } from '../../storage/identity.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'colony-raft-cli-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly error: string
}

async function run(...args: readonly string[]): Promise<Ran> {
  let [out, error] = ['', '']
  const code = await runCommand(args, {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
  })
  return { code, out, error }
}

/** A log of three records of one entry each. */
async function writeLog(): Promise<void> {
  const storage = await fileStorage(directory, { segmentBytes: 8192 })
  await storage.open(IDENTITY)
  for (const index of [1, 2, 3]) {
    const entries = [{ term: 1, kind: 'command' as const, data: new Uint8Array(300).fill(index) }]
    await storage.persist({ term: 1, vote: 'a', firstIndex: index, entries })
  }
  await storage.close()
}

/** Flips a bit of a file. */
function corrupt(name: string, position: number): void {
  const path = join(directory, name)
  const bytes = readFileSync(path)
  bytes[position] = (bytes[position] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const SEGMENT = 'log-0000000000000001.seg'

describe('what is found, as exit codes', () => {
  test('0: sound', async () => {
    await writeLog()
    const { code, out } = await run('log', 'check', directory)
    expect(code).toBe(0)
    expect(out).toContain('records 1 to 3 (3), indexes 1 to 3, terms 1 to 1')
    expect(out).toContain('term 1, vote for a; entries 1 to 3')
  })

  test('0: nothing there yet', async () => {
    expect(await run('log', 'check', directory)).toMatchObject({ code: 0 })
  })

  test('1: a torn tail', async () => {
    await writeLog()
    corrupt(SEGMENT, 40 + 2 * 360 + 100)
    expect(await run('log', 'check', directory)).toMatchObject({ code: 1 })
  })

  test('2: damage that other nodes make good', async () => {
    await writeLog()
    corrupt(SEGMENT, 40 + 360 + 100)
    const { code, out } = await run('log', 'check', directory)
    expect(code).toBe(2)
    expect(out).toContain('byte 400, 360 bytes: record 2')
    expect(out).toContain('lost: entries 2 to 3')
  })

  test('3: damage that no start is safe with', async () => {
    await writeLog()
    corrupt('identity', 60)
    expect(await run('log', 'check', directory)).toMatchObject({ code: 3 })
  })

  test('4: no such directory, and it is not made', async () => {
    const { code, error } = await run('log', 'check', join(directory, 'none'))
    expect(code).toBe(4)
    expect(error).toContain('There is no directory')
    expect(readdirSync(directory)).toEqual([])
  })

  test('4: a process has it open', async () => {
    const storage = await fileStorage(directory, { segmentBytes: 8192 })
    await storage.open(IDENTITY)
    for (const command of ['check', 'repair']) {
      const { code, error } = await run('log', command, directory)
      expect(code).toBe(4)
      expect(error).toContain('RAFT_STORAGE_LOCKED')
    }
    await storage.close()
  })

  test('as JSON', async () => {
    await writeLog()
    const { out } = await run('log', 'check', directory, '--json')
    expect(JSON.parse(out)).toMatchObject({ verdict: 'sound', state: { term: 1, vote: 'a' } })
  })
})

describe('repair', () => {
  test('0: what was torn is cut', async () => {
    await writeLog()
    corrupt(SEGMENT, 40 + 2 * 360 + 100)
    const { code, out } = await run('log', 'repair', directory)
    expect(code).toBe(0)
    expect(out).toContain(`kept as ${SEGMENT}.torn-760`)
    expect((await run('log', 'check', directory)).code).toBe(0)
  })

  test('3: not without being asked to; 0: put aside when asked', async () => {
    await writeLog()
    corrupt('identity', 60)
    const before = readdirSync(directory).sort()
    const { code, error } = await run('log', 'repair', directory)
    expect(code).toBe(3)
    expect(error).toContain('--retire')
    expect(readdirSync(directory).sort()).toEqual(before)
    expect((await run('log', 'repair', directory, '--retire')).code).toBe(0)
    expect((await run('log', 'check', directory)).code).toBe(3)
    const storage = await fileStorage(directory)
    await expect(storage.open(IDENTITY)).rejects.toMatchObject({ code: 'RAFT_STORAGE_DAMAGED' })
  })
})

describe('a lost quorum', () => {
  test('plan: 0 and what may be lost; force: 3 without consent, 0 with it', async () => {
    await writeLog()
    const { code, out } = await run('quorum', 'plan', directory)
    expect(code).toBe(0)
    expect(out).toContain('a (the best)')
    expect(out).toContain('May be lost: whatever b, c had committed behind index 3')
    expect(await run('quorum', 'force', directory, '--reason', 'x')).toMatchObject({ code: 3 })
    expect(await run('quorum', 'force', directory, '--accept-loss')).toMatchObject({ code: 3 })
    const forced = await run('quorum', 'force', directory, '--accept-loss', '--reason', 'a fire')
    expect(forced.code).toBe(0)
    expect(forced.out).toContain('Now start a with the cluster id bank~2.')
    expect(readFileSync(join(directory, 'recovery-audit'), 'utf8')).toContain('"reason":"a fire"')
    const storage = await fileStorage(directory)
    await expect(storage.open(IDENTITY)).rejects.toMatchObject({ code: 'RAFT_STORAGE_FOREIGN' })
    expect(await storage.open({ ...IDENTITY, clusterId: 'bank~2' })).toMatchObject({ term: 2 })
    await storage.close()
    expect((await run('quorum', 'plan', directory)).code).toBe(1)
  })

  test('4: one of the directories is in use', async () => {
    const storage = await fileStorage(directory, { segmentBytes: 8192 })
    await storage.open(IDENTITY)
    expect(await run('quorum', 'plan', directory, '--json')).toMatchObject({ code: 4 })
    await storage.close()
  })
})

describe('a backup', () => {
  test('is written to a file, and restored from it under another cluster id', async () => {
    await writeLog()
    const file = join(directory, 'backup')
    expect(await run('backup', directory, '--file', file)).toMatchObject({ code: 0 })
    expect(readdirSync(directory)).not.toContain('backup.tmp')
    const target = join(directory, 'new')
    const to = ['--file', file, '--node-id', 'n', '--cluster-id']
    expect(await run('restore', target, ...to, 'bank')).toMatchObject({ code: 3 })
    const { code, out } = await run('restore', join(directory, 'newer'), ...to, 'new')
    expect(out).toContain('group main of cluster bank up to index 3, now of cluster new')
    expect(code).toBe(0)
    expect((await run('restore', join(directory, 'newer'), ...to, 'new')).code).toBe(3)
    const storage = await fileStorage(join(directory, 'newer'))
    const found = await storage.open({ ...IDENTITY, clusterId: 'new', nodeId: 'n' })
    expect(found.entries.map(({ kind }) => kind)).toEqual(['command', 'command', 'command', 'configuration'])
    await storage.close()
  })

  test('3: of a damaged log, and no file is left', async () => {
    await writeLog()
    corrupt(SEGMENT, 40 + 360 + 100)
    const file = join(directory, 'backup')
    expect(await run('backup', directory, '--file', file)).toMatchObject({ code: 3 })
    expect(readdirSync(directory)).not.toContain('backup')
  })
})

describe('arguments', () => {
  test('help', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    expect(out).toContain('usage: raft log check')
  })

  test.each([
    [['log'], "the command must be one of 'log check', 'log repair'"],
    [['quorum', 'plan'], 'which directory?'],
    [['quorum', 'plan', 'a', '--accept-loss'], 'are for quorum force'],
    [['log', 'check', 'a', '--cluster-id', 'x'], 'is for quorum force and restore'],
    [['backup', 'a'], 'which --file?'],
    [['log', 'check', 'a', '--file', 'x'], '--file is for backup and restore'],
    [['restore', 'a', '--file', 'x'], 'restore needs --cluster-id and --node-id'],
    [['log', 'check'], 'which directory?'],
    [['log', 'check', 'a', 'b'], 'one directory at a time'],
    [['log', 'check', 'a', '--retire'], '--retire is for log repair'],
    [['log', 'check', 'a', '--force'], '--force'],
  ])('%j: refused', async (args, told) => {
    const { code, error } = await run(...args)
    expect(code).toBe(4)
    expect(error).toContain(told)
  })
})
