import { expectEqual, expectTrue } from '../expectations.ts'
import type { LockCase } from './lock-bench.ts'

/** Values that are compared and set. */
export const VALUE_CASES: readonly LockCase[] = [
  {
    name: 'a value is read as it was written last, by whoever asks',
    clause: 'The newest value; `undefined` where there is none.',
    needs: 'values',
    check: async (bench) => {
      const [one, other] = [await bench.values(), await bench.values()]
      expectEqual(await one.read('cart'), undefined, 'what is read where nothing was written')
      for (const text of ['1', '', 'a\u0000ü€\u{1f512}"\\']) {
        const version = (await one.read('cart'))?.version
        await one.write('cart', version, text)
        expectEqual((await other.read('cart'))?.text, text, 'what another process reads')
      }
      expectEqual(await other.read('another cart'), undefined, 'what is read of another key')
    },
  },
  {
    name: 'who has not seen the newest value does not write',
    clause:
      "Writes `text` (`undefined`: deletes) if the key's version is still `expected` (`undefined`: if there is no value).",
    needs: 'values',
    check: async (bench) => {
      const values = await bench.values()
      await values.write('cart', undefined, 'first')
      await values.write('cart', undefined, 'nothing seen')
      expectEqual(
        (await values.read('cart'))?.text,
        'first',
        'what is there after a write that expects nothing',
      )
      const seen = (await values.read('cart'))?.version
      await values.write('cart', seen, 'second')
      await values.write('cart', seen, 'an old one seen')
      expectEqual(
        (await values.read('cart'))?.text,
        'second',
        'what is there after a write that expects the old',
      )
      await values.write('cart', seen, undefined)
      expectEqual(
        (await values.read('cart'))?.text,
        'second',
        'what is there after a removal that expects the old',
      )
      await values.write('cart', (await values.read('cart'))?.version, undefined)
      expectEqual(await values.read('cart'), undefined, 'what is there after it was deleted')
    },
  },
  {
    name: 'a write says whether it took place, and of two at once one does',
    clause: 'Whether it did.',
    needs: 'values',
    check: async (bench) => {
      const [one, other] = [await bench.values(), await bench.values()]
      expectEqual(await one.write('cart', undefined, 'first'), true, 'a write that took place')
      expectEqual(await other.write('cart', undefined, 'second'), false, 'a write that did not')
      const seen = (await one.read('cart'))?.version
      const both = await Promise.all([one.write('cart', seen, 'one'), other.write('cart', seen, 'other')])
      expectEqual(both.filter((did) => did).length, 1, 'how many of two writes at once took place')
      expectEqual((await one.read('cart'))?.text, both[0] ? 'one' : 'other', 'what is there after them')
    },
  },
  {
    name: 'no version comes twice, also after the value was deleted',
    clause: 'Never the same for two writes of a key, also when it was deleted in between.',
    needs: 'values',
    check: async (bench) => {
      const values = await bench.values()
      const versions = new Set<string>()
      for (let round = 0; round < 4; round++) {
        expectTrue(await values.write('cart', undefined, 'same'), 'what is not there can be written')
        const first = (await values.read('cart'))?.version ?? ''
        await values.write('cart', first, 'same')
        const second = (await values.read('cart'))?.version ?? ''
        versions.add(first).add(second)
        await values.write('cart', second, undefined)
      }
      expectEqual(versions.size, 8, 'how many versions eight writes had')
    },
  },
]
