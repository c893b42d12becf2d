import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pinnedScenarios, runPinnedScenarios, saveInto, seedsOfCommit } from '../../../src/node/index.ts'
import { explore } from '../../../src/run/explore.ts'
import { baseOf } from '../../../src/run/run-environment.ts'
import { parseScenario } from '../../../src/scenario/parse-scenario.ts'
import { counterSuite } from '../../scenario/counter-suite.ts'
import { restoreEnvironment, setEnvironment } from '../../run/environment.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'colony-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})
restoreEnvironment(['GITHUB_SHA', 'CI_COMMIT_SHA'])

describe('what failed', () => {
  test('is saved as a scenario and a picture, and once pinned may not fail again', async () => {
    const out = join(directory, 'deep', 'out')
    const [sound, broken] = [counterSuite(), counterSuite('loses one in ten')]
    const failing = explore(broken, { seeds: [0x2a], file: 'x.sim.ts', save: saveInto(out) })
    const scenarioFile = join(out, 'counter-0x2a.scenario.json')
    await expect(failing).rejects.toThrow(`saved as:\n${scenarioFile}\n${join(out, 'counter-0x2a.html')}\n`)
    const scenario = parseScenario(await readFile(scenarioFile, 'utf8'))
    expect(scenario.breaks).toBe('linearizability')
    expect(await readFile(join(out, 'counter-0x2a.html'), 'utf8')).toMatch(/^<!doctype html>/i)
    expect(await pinnedScenarios(out)).toEqual([{ file: 'counter-0x2a.scenario.json', scenario }])
    expect(await runPinnedScenarios(sound, out)).toBe(1)
    expect(await runPinnedScenarios({ ...broken, name: 'another' }, out)).toBe(0)
    const again = runPinnedScenarios(broken, out)
    await expect(again).rejects.toThrow(`${scenarioFile} fails again: `)
    await expect(again).rejects.toMatchObject({
      code: 'TESTING_RUN_FAILED',
      cause: { check: 'linearizability' },
    })
  })

  test('is told by file when it cannot be read', async () => {
    await writeFile(join(directory, 'notes.txt'), 'not one')
    expect(await pinnedScenarios(directory)).toEqual([])
    await writeFile(join(directory, 'bad.scenario.json'), '{}')
    await expect(pinnedScenarios(directory)).rejects.toMatchObject({ code: 'TESTING_INVALID_OPTION' })
    await expect(pinnedScenarios(directory)).rejects.toThrow(/bad\.scenario\.json: .*version/)
    await expect(pinnedScenarios(join(directory, 'missing'))).rejects.toThrow(/ENOENT/)
  })
})

describe('seeds of a commit', () => {
  const commit = '71258dea2cb3f1c8e1f8ab6a2d4f0e9f3b7c5d11'
  const base = baseOf(commit)

  async function git(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(directory, name)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, text)
    }
    return directory
  }

  beforeEach(() => setEnvironment({ GITHUB_SHA: '', CI_COMMIT_SHA: '' }))

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['of a branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${commit}\n` }, '.'],
    ['of no branch', { '.git/HEAD': `${commit}\n` }, '.'],
    [
      'of a packed branch',
      { '.git/HEAD': 'ref: refs/heads/main\n', '.git/packed-refs': `# pack\n${commit} refs/heads/main\n` },
      '.',
    ],
    ['of a directory above', { '.git/HEAD': commit, 'a/b/c': '' }, 'a/b'],
    [
      'of a linked work tree',
      {
        'main/.git/refs/heads/topic': commit,
        'main/.git/worktrees/t/HEAD': 'ref: refs/heads/topic',
        'main/.git/worktrees/t/commondir': '../..\n',
        'tree/.git': 'gitdir: ../main/.git/worktrees/t\n',
      },
      'tree',
    ],
  ])('%s', async (_, files, below) => {
    const root = await git(files)
    expect(seedsOfCommit({ count: 2, directory: join(root, below) })).toEqual([base, base + 1])
  })

  test('are what the build says, unless the environment chooses seeds; without any, the first is 1', async () => {
    expect(seedsOfCommit({ directory })).toEqual([1])
    setEnvironment({ GITHUB_SHA: commit })
    expect(seedsOfCommit({ directory })).toEqual([base])
    setEnvironment({ CI_COMMIT_SHA: commit, GITHUB_SHA: '' })
    expect(seedsOfCommit({ directory })).toEqual([base])
    setEnvironment({ CI_COMMIT_SHA: commit, COLONY_BASE: '9', COLONY_SEEDS: '2' })
    expect(seedsOfCommit({ directory })).toEqual([9, 10])
    setEnvironment({ CI_COMMIT_SHA: commit, COLONY_SEED: 'x' })
    expect(seedsOfCommit({ directory })).toEqual(['x'])
  })
})
