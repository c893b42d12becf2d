import { createRandom } from '@colony/host'
import { expect, test } from 'vitest'
import { exponential, minusLog } from '../../src/math/exact.ts'

test('the exact logarithm and exponential are those of the engine, but for the last bits', () => {
  const random = createRandom(1)
  for (let count = 0; count < 100_000; count += 1) {
    const u = count < 100 ? 2 ** -count : 1 - random.float()
    expect(Math.abs(minusLog(u) + Math.log(u))).toBeLessThanOrEqual(4e-16 * Math.max(1, -Math.log(u)))
  }
  for (let count = 0; count < 10_000; count += 1) {
    const x = (random.float() - 0.5) * 60
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-12)
  }
})

test('their bits are the same on every engine', () => {
  const bits = (value: number): string => {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value)
    return view.getBigUint64(0).toString(16)
  }
  expect([0.1, 0.3, 0.9, 1e-9, 1].map((u) => bits(minusLog(u)))).toMatchInlineSnapshot(`
    [
      "40026bb1bbb55515",
      "3ff34378fcbda720",
      "3fbaf8e8210a415c",
      "4034b927f32bffb8",
      "0",
    ]
  `)
  expect([0.1, 1, -3, 9.5].map((x) => bits(exponential(x)))).toMatchInlineSnapshot(`
    [
      "3ff1aec7b35a01fd",
      "4005bf0a8b145459",
      "3fa97db0ccceb041",
      "40ca17dd08c11b30",
    ]
  `)
})
