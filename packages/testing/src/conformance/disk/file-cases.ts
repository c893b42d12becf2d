import { expectBytes, expectEqual, expectRejection } from '../expectations.ts'
import { bytes, type DiskCase, manyBytes, text } from './disk-bench.ts'

/** Larger than what page caches, and most systems in one call, take at once. */
const LARGE_BYTES = 300_000
const WRITES_AT_ONCE = 30

const WRITE = 'Writes all of `bytes` at `position`, extending the file where needed.'
const READ = 'Reads up to `length` bytes at `position`; shorter only at the end of the file.'
const TRUNCATE = 'Cuts or extends (with zeros) the file to `size` bytes.'

/** What an open file does while nothing fails. */
export const FILE_CASES: readonly DiskCase[] = [
  {
    name: 'bytes are written where they are told to be, over what is there and past the end',
    clause: WRITE,
    check: async (bench) => {
      const file = await bench.file('a')
      await file.write(3, bytes('def'))
      await file.write(0, bytes('abc'))
      await file.write(8, bytes('ij'))
      await file.write(4, bytes('EF'))
      expectEqual(text(await file.read(0, 10)), 'abcdEF\0\0ij', 'the content')
      await file.close()
    },
  },
  {
    name: 'a large write is written whole',
    clause: WRITE,
    check: async (bench) => {
      const file = await bench.file('a')
      const large = manyBytes(LARGE_BYTES)
      await file.write(5, large)
      expectBytes(await file.read(5, LARGE_BYTES), large, 'what was written')
      await file.close()
    },
  },
  {
    name: 'the bytes of a write may be used again once it resolved',
    clause: WRITE,
    check: async (bench) => {
      const file = await bench.file('a')
      const buffer = bytes('first')
      await file.write(0, buffer)
      buffer.fill(0)
      expectEqual(text(await file.read(0, 5)), 'first', 'the content')
      await file.close()
    },
  },
  {
    name: 'a durable write is written as any other',
    clause:
      'Writes all of `bytes` at `position` and makes them, and nothing more than them, durable before it resolves.',
    check: async (bench) => {
      const file = await bench.file('a')
      const large = manyBytes(LARGE_BYTES)
      await file.writeDurable(2, large)
      await file.writeDurable(0, bytes('XYZ'))
      expectEqual(text(await file.read(0, 4)), `XYZ${text(large.subarray(1, 2))}`, 'the first bytes')
      expectBytes(await file.read(3, LARGE_BYTES), large.subarray(1), 'the rest')
      await file.close()
    },
  },
  {
    name: 'reading gives what is there, and no more at the end',
    clause: READ,
    check: async (bench) => {
      const file = await bench.file('a')
      await file.write(0, bytes('abcdef'))
      const reads = [file.read(1, 3), file.read(4, 100), file.read(6, 1), file.read(50, 5), file.read(2, 0)]
      const found = (await Promise.all(reads)).map(text)
      expectEqual(found, ['bcd', 'ef', '', '', ''], 'reads within, across and after the end')
      await file.close()
    },
  },
  {
    name: "bytes that were read are the reader's own",
    clause: READ,
    check: async (bench) => {
      const file = await bench.file('a')
      await file.write(0, bytes('first'))
      const read = await file.read(0, 5)
      read.fill(0)
      expectEqual(
        text(await file.read(0, 5)),
        'first',
        'the content, after a reader changed what it had read',
      )
      await file.close()
    },
  },
  {
    name: 'the size is that of the content',
    clause: 'Current length in bytes.',
    check: async (bench) => {
      const file = await bench.file('a')
      const sizes = [await file.size()]
      await file.write(3, bytes('def'))
      sizes.push(await file.size())
      await file.write(0, bytes('abc'))
      sizes.push(await file.size())
      expectEqual(sizes, [0, 6, 6], 'sizes: new, extended, overwritten')
      await file.close()
    },
  },
  {
    name: 'a file is cut',
    clause: TRUNCATE,
    check: async (bench) => {
      const file = await bench.file('a')
      await file.write(0, bytes('abcdef'))
      await file.truncate(2)
      expectEqual(text(await file.read(0, 10)), 'ab', 'the content')
      await file.close()
    },
  },
  {
    name: 'a file is extended with zeros, also where something was before',
    clause: TRUNCATE,
    check: async (bench) => {
      const file = await bench.file('a')
      await file.write(0, bytes('abcdef'))
      await file.truncate(2)
      await file.truncate(5)
      expectEqual(text((await file.read(0, 10)).subarray(2)), '\0\0\0', 'what was added')
      await file.close()
    },
  },
  {
    name: 'operations of one file may be in flight together',
    clause: 'Operations on one file may be in flight together; they take effect in any order.',
    check: async (bench) => {
      const file = await bench.file('a')
      const pieces = Array.from({ length: WRITES_AT_ONCE }, (_, nth) => new Uint8Array(100).fill(nth + 1))
      const writes = pieces.map(async (piece, nth) => {
        await (nth % 3 === 0 ? file.writeDurable(nth * 100, piece) : file.write(nth * 100, piece))
        if (nth % 7 === 0) await file.sync()
      })
      await Promise.all(writes)
      for (const [nth, piece] of pieces.entries()) {
        expectBytes(await file.read(nth * 100, 100), piece, `what write ${nth} of ${WRITES_AT_ONCE} left`)
      }
      await file.close()
    },
  },
  {
    name: 'closing waits for what is under way, and is final',
    clause: 'Closes the file; does not sync.',
    check: async (bench) => {
      const file = await bench.file('a')
      const written = file.write(0, bytes('abc'))
      await file.close()
      await written
      await expectRejection(file.write(0, bytes('x')), [], 'write to a closed file')
      await expectRejection(file.sync(), [], 'sync of a closed file')
      await bench.expectContent('a', 'abc')
    },
  },
  {
    name: 'closing a file again does nothing',
    clause: 'Idempotent.',
    check: async (bench) => {
      const file = await bench.file('a')
      await Promise.all([file.close(), file.close()])
      await file.close()
    },
  },
]
