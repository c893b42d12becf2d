import { codeOf, expectEqual, expectRejection, expectTrue } from '../expectations.ts'
import { bytes, type DiskCase } from './disk-bench.ts'

const CREATE = '`create` makes it when it is missing (an existing one is left as it is).'
const LIST = 'Names of the entries of a directory, sorted; an empty list when the directory does not exist.'
const RENAME = 'Renames a file, replacing a file of the new name atomically.'
const REMOVE = 'Removes a file; resolves also when there is none.'
const MAKE = 'Makes a directory and its missing parents, durably.'
const REJECTION =
  "Every rejection is a ColonyError with code `HOST_DISK_FAILED` whose `cause` is the platform's error " +
  '(its `code`, such as `ENOSPC`, repeated in `cause.code`).'

/** Names, directories and what is said when something is missing. */
export const NAME_CASES: readonly DiskCase[] = [
  {
    name: 'a file is made, and kept when it is there already',
    clause: CREATE,
    check: async (bench) => {
      await bench.write('a', 'abc')
      const again = await bench.file('a')
      expectEqual(await again.size(), 3, 'the size of an existing file opened with create')
      await again.close()
    },
  },
  {
    name: 'without create a missing file is not made',
    clause: CREATE,
    check: async (bench) => {
      await expectRejection(bench.disk.open(bench.path('a')), [], 'open of a missing file')
      expectEqual(await bench.disk.list(bench.directory), [], 'names afterwards')
    },
  },
  {
    name: 'an open file can be both read and written',
    clause: 'Opens a file for reading and writing.',
    check: async (bench) => {
      await bench.write('a', 'abc')
      const file = await bench.disk.open(bench.path('a'))
      await file.write(1, bytes('X'))
      await file.close()
      await bench.expectContent('a', 'aXc')
    },
  },
  {
    name: 'names are listed in order, files and directories alike',
    clause: LIST,
    check: async (bench) => {
      for (const name of ['b', 'C', 'a', 'B10', 'B9']) await bench.write(name, name)
      await bench.disk.makeDirectory(bench.path('aa'))
      const names = ['B10', 'B9', 'C', 'a', 'aa', 'b']
      expectEqual(await bench.disk.list(bench.directory), names, 'the names')
    },
  },
  {
    name: 'a directory that is not there is empty',
    clause: LIST,
    check: async (bench) => {
      expectEqual(await bench.disk.list(bench.path('nowhere')), [], 'names of a missing directory')
    },
  },
  {
    name: 'a file is renamed over another',
    clause: RENAME,
    check: async (bench) => {
      await bench.write('a', 'new')
      await bench.write('b', 'old content')
      await bench.disk.rename(bench.path('a'), bench.path('b'))
      expectEqual(await bench.disk.list(bench.directory), ['b'], 'names afterwards')
      await bench.expectContent('b', 'new')
    },
  },
  {
    name: 'a file stays usable by those who had it open when its name changed',
    clause: RENAME,
    check: async (bench) => {
      const file = await bench.file('a')
      await bench.disk.rename(bench.path('a'), bench.path('b'))
      await file.writeDurable(0, bytes('x'))
      await file.close()
      await bench.expectContent('b', 'x')
    },
  },
  {
    name: 'a file is removed',
    clause: REMOVE,
    check: async (bench) => {
      await bench.write('a', 'a')
      await bench.write('b', 'b')
      await bench.disk.remove(bench.path('a'))
      expectEqual(await bench.disk.list(bench.directory), ['b'], 'names afterwards')
    },
  },
  {
    name: 'removing what is not there is no failure',
    clause: REMOVE,
    check: async (bench) => {
      await bench.disk.remove(bench.path('never there'))
    },
  },
  {
    name: 'a directory is made with its parents, and making it again does nothing',
    clause: MAKE,
    check: async (bench) => {
      await bench.disk.makeDirectory(bench.path('x/y/z'))
      await bench.disk.makeDirectory(bench.path('x/y/z'))
      await bench.disk.makeDirectory(`${bench.path('x/y')}/`)
      expectEqual(await bench.disk.list(bench.path('x')), ['y'], 'names in the upper one')
      expectEqual(await bench.disk.list(bench.path('x/y')), ['z'], 'names in the lower one')
    },
  },
  {
    name: 'a path leads through directories, with a slash between them',
    clause: 'Paths use `/`.',
    check: async (bench) => {
      await bench.disk.makeDirectory(bench.path('x/y'))
      await bench.write('x/y/file', 'content')
      await bench.expectContent('x/y/file', 'content')
      expectEqual(await bench.disk.list(bench.path('x/y')), ['file'], 'names in the inner directory')
    },
  },
  {
    name: 'what is missing is told by an error with the code of the system',
    clause: REJECTION,
    check: async (bench) => {
      const { disk } = bench
      const missing: readonly (readonly [string, Promise<unknown>])[] = [
        ['open', disk.open(bench.path('a'))],
        ['open with create in a missing directory', disk.open(bench.path('x/a'), { create: true })],
        ['rename', disk.rename(bench.path('a'), bench.path('b'))],
        ['syncDirectory', disk.syncDirectory(bench.path('x'))],
      ]
      await Promise.allSettled(missing.map(([, work]) => work))
      for (const [what, work] of missing) {
        const error = await expectRejection(work, ['HOST_DISK_FAILED'], what)
        const cause = error instanceof Error ? error.cause : undefined
        expectTrue(cause instanceof Error, `${what}: the error has no cause`)
        expectEqual(codeOf(cause), 'ENOENT', `${what}: the code of the cause`)
      }
    },
  },
]
