import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { env } from 'node:process'
import { baseOf } from '../../run/run-environment.ts'
import type { Seed } from '../../run/seed.ts'
import type { SeedOptions } from '../../run/seeds.ts'
import { seedsFromEnvironment } from '../../run/seeds.ts'

/**
 * Which seeds to run for a commit.
 * @category Runner
 */
export interface CommitSeedOptions extends Omit<SeedOptions, 'base'> {
  /** Where the repository is: this directory or one above it. Default: the current directory. */
  readonly directory?: string
}

/**
 * The seeds that a suite should run, as {@link seedsFromEnvironment} says; but where the environment does not say which, they are those of the commit: other ones
 * for each, and the same ones for everybody who runs it. The commit is what `GITHUB_SHA` or `CI_COMMIT_SHA` names, or else the one that is checked out; without any,
 * the first seed is 1.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when an option or a variable is out of range.
 * @category Runner
 */
export function seedsOfCommit({ directory = '.', ...options }: CommitSeedOptions = {}): readonly Seed[] {
  const commit = env['GITHUB_SHA'] || env['CI_COMMIT_SHA'] || checkedOut(resolve(directory))
  return seedsFromEnvironment({ ...options, ...(commit !== undefined && { base: baseOf(commit) }) })
}

/** The commit that is checked out in a directory, or in the first above it that is a repository. */
function checkedOut(directory: string): string | undefined {
  const repository = gitDirectory(join(directory, '.git'))
  if (repository !== undefined) return headOf(repository)
  const above = dirname(directory)
  return above === directory ? undefined : checkedOut(above)
}

/** `.git` is a directory, or, in a linked work tree, a file that says where it is. */
function gitDirectory(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.isDirectory()) return found && path
  const [, target] = /^gitdir: (.+)$/m.exec(read(path) ?? '') ?? []
  return target === undefined ? undefined : resolve(dirname(path), target.trim())
}

function headOf(repository: string): string | undefined {
  const head = read(join(repository, 'HEAD'))?.trim()
  const [, name] = /^ref: (.+)$/.exec(head ?? '') ?? []
  if (name === undefined) return head || undefined
  // The branches of a linked work tree are in the repository that it belongs to.
  const common = resolve(repository, read(join(repository, 'commondir'))?.trim() ?? '.')
  return read(join(common, name))?.trim() ?? packedRef(common, name)
}

function packedRef(repository: string, name: string): string | undefined {
  const lines = (read(join(repository, 'packed-refs')) ?? '').split('\n')
  return lines.find((line) => line.endsWith(` ${name}`))?.split(' ')[0]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
