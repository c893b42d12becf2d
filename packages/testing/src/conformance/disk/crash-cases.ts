import { expectEqual } from '../expectations.ts'
import { bytes, type DiskBench, type DiskCase } from './disk-bench.ts'

const DIRECTORY_SYNC = 'Makes the creations, renames and removals within a directory durable.'

/** Looks at what is left after the power was cut. */
interface CrashCheck {
  readonly name: string
  readonly clause: string
  readonly before: (bench: DiskBench) => Promise<void>
  readonly after: (bench: DiskBench) => Promise<void>
}

const CHECKS: readonly CrashCheck[] = [
  {
    name: 'what was synced survives a crash',
    clause: 'Makes every write and truncation of this file that has resolved durable.',
    before: async (bench) => {
      await bench.save('a', 'old content')
      const file = await bench.file('a')
      await file.write(0, bytes('NEW'))
      await file.sync()
    },
    after: async (bench) => await bench.expectContent('a', 'NEW content'),
  },
  {
    name: 'a durable write survives a crash without a sync',
    clause:
      'Writes all of `bytes` at `position` and makes them, and nothing more than them, durable before it resolves.',
    before: async (bench) => {
      await bench.save('a', 'old')
      const file = await bench.file('a')
      await file.writeDurable(1, bytes('EW and longer'))
    },
    after: async (bench) => await bench.expectContent('a', 'oEW and longer'),
  },
  {
    name: 'a cut that was synced survives a crash',
    clause: 'Durable after `sync`.',
    before: async (bench) => {
      await bench.save('a', 'old content')
      const file = await bench.file('a')
      await file.truncate(3)
      await file.sync()
    },
    after: async (bench) => await bench.expectContent('a', 'old'),
  },
  {
    name: 'a name that was made and synced survives a crash',
    clause: DIRECTORY_SYNC,
    before: async (bench) => {
      const file = await bench.file('a')
      await file.write(0, bytes('new'))
      await file.sync()
      await bench.disk.syncDirectory(bench.directory)
    },
    after: async (bench) => await bench.expectContent('a', 'new'),
  },
  {
    name: 'a rename and a removal that were synced survive a crash',
    clause: DIRECTORY_SYNC,
    before: async (bench) => {
      await bench.save('a', 'a')
      await bench.save('b', 'b')
      await bench.save('c', 'c')
      await bench.disk.rename(bench.path('a'), bench.path('b'))
      await bench.disk.remove(bench.path('c'))
      await bench.disk.syncDirectory(bench.directory)
    },
    after: async (bench) => {
      expectEqual(await bench.disk.list(bench.directory), ['b'], 'names after the crash')
      await bench.expectContent('b', 'a')
    },
  },
  {
    name: 'a rename that was not synced leaves the old file or the new one',
    clause: 'Renames a file, replacing a file of the new name atomically.',
    before: async (bench) => {
      await bench.save('a', 'new')
      await bench.save('b', 'old')
      await bench.disk.rename(bench.path('a'), bench.path('b'))
    },
    after: async (bench) => {
      const file = await bench.disk.open(bench.path('b'))
      const content = String.fromCharCode(...(await file.read(0, 100)))
      const allowed = content === 'old' ? 'old' : 'new'
      expectEqual(content, allowed, 'the content of the replaced name')
    },
  },
  {
    name: 'a directory that was made survives a crash',
    clause: 'Makes a directory and its missing parents, durably.',
    before: async (bench) => {
      await bench.disk.makeDirectory(bench.path('x/y'))
    },
    after: async (bench) => {
      expectEqual(await bench.disk.list(bench.path('x')), ['y'], 'names in the upper directory')
      await bench.save('x/y/file', 'content')
      await bench.expectContent('x/y/file', 'content')
    },
  },
]

/** What is left when the power is cut. */
export const CRASH_CASES: readonly DiskCase[] = CHECKS.map(({ name, clause, before, after }) => ({
  name,
  clause,
  needs: 'crash',
  check: async (bench) => {
    await before(bench)
    await bench.crash()
    await after(bench)
  },
}))
