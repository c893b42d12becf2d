import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDirectory } from '../../src/node/lock-file.ts'
import { mayRun, ownIdentity, type ProcessIdentity } from '../../src/node/process-identity.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'colony-lock-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** A pid that certainly belongs to nobody: of a process that has just ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

async function leaveLock(change: Partial<ProcessIdentity>, name = 'LOCK'): Promise<void> {
  const left = { ...(await ownIdentity()), token: 'left behind', ...change }
  await writeFile(join(directory, name), JSON.stringify(left))
}

describe('a lock on a directory', () => {
  test('is held until it is released, and leaves nothing', async () => {
    const lock = await lockDirectory(directory)
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'RAFT_STORAGE_LOCKED' })
    expect(await readdir(directory)).toEqual(['LOCK'])
    await lock.release()
    await lock.release()
    expect(await readdir(directory)).toEqual([])
    await (await lockDirectory(directory)).release()
  })

  test('of many who want it at once, one gets it', async () => {
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(directory)))
      const got = results.filter((result) => result.status === 'fulfilled')
      expect(got).toHaveLength(1)
      await got[0]?.value.release()
    }
  })

  test("of many who find a dead one's, at most one gets it, and after them there is one to get", async () => {
    const pid = deadPid()
    let winners = 0
    for (let round = 0; round < 40; round++) {
      await leaveLock({ pid, startTime: '1' })
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(directory)))
      const got = results.filter((result) => result.status === 'fulfilled')
      expect(got.length).toBeLessThanOrEqual(1)
      winners += got.length
      const held = await readFile(join(directory, 'LOCK'), 'utf8').catch(() => 'nobody')
      expect(held.includes('left behind')).toBe(false)
      await got[0]?.value.release()
      await rm(join(directory, 'LOCK'), { force: true })
    }
    expect(winners).toBeGreaterThan(20)
  })

  test('what a process left that died while it waited does not stand in the way', async () => {
    await leaveLock({ pid: deadPid(), startTime: '1' })
    await leaveLock({ pid: deadPid(), startTime: '1' }, 'LOCK.dead-candidate')
    await writeFile(join(directory, 'LOCK.empty'), '')
    await (await lockDirectory(directory)).release()
    expect(await readdir(directory)).toEqual([])
  })

  test('of an unknown kind is left alone', async () => {
    await writeFile(join(directory, 'LOCK'), 'by somebody else')
    await expect(lockDirectory(directory)).rejects.toThrow(/LOCK is of an unknown kind/)
    expect(await readFile(join(directory, 'LOCK'), 'utf8')).toBe('by somebody else')
  })

  test("is not given back over somebody else's", async () => {
    const lock = await lockDirectory(directory)
    await leaveLock({})
    await lock.release()
    expect(await readdir(directory)).toEqual(['LOCK'])
  })

  test('makes the directory when it is missing', async () => {
    const nested = join(directory, 'x', 'y')
    await (await lockDirectory(nested)).release()
    await mkdir(nested, { recursive: true })
    expect(await readdir(nested)).toEqual([])
  })
})

describe.runIf(process.platform === 'linux')('whether a process may still run', () => {
  const cases: [string, boolean, (own: ProcessIdentity) => Partial<ProcessIdentity>][] = [
    ['this one', true, () => ({})],
    ['a dead one', false, () => ({ pid: deadPid() })],
    ['an earlier one of the same pid', false, () => ({ startTime: '1' })],
    ['one of before the restart of this machine', false, () => ({ bootId: 'earlier' })],
    ['one of another machine', true, () => ({ bootId: 'other', hostname: 'other', pid: 1 })],
    ['one of this machine under its former name', false, () => ({ hostname: 'former', startTime: '1' })],
    [
      'one of another container',
      true,
      () => ({ pidNamespace: 'pid:[1]', hostname: 'other', startTime: '1' }),
    ],
  ]
  test.each(cases)('%s: %s', async (_name, expected, change) => {
    const own = await ownIdentity()
    expect(await mayRun({ ...own, ...change(own) }, own)).toBe(expected)
  })

  test('elsewhere than on Linux: the pid alone', async () => {
    const own: ProcessIdentity = { pid: process.pid, hostname: 'mac' }
    expect(await mayRun({ pid: process.pid, hostname: 'mac' }, own)).toBe(true)
    expect(await mayRun({ pid: deadPid(), hostname: 'mac' }, own)).toBe(false)
    expect(await mayRun({ pid: deadPid(), hostname: 'other' }, own)).toBe(true)
  })
})
