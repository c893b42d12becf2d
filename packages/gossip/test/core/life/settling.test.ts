import { expect, it } from 'vitest'
import { Settling } from '../../../src/core/life/settling.ts'
import { FakeContext } from '../fake-context.ts'

it('compares with random members a few times after joining, then no more, and again after the next joining', () => {
  const context = new FakeContext('self', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
  const compared: [number, string][] = []
  const settling = new Settling(context, (peer) => compared.push([context.now, peer]))
  context.run(context.now + 60_000, settling)
  expect(compared).toEqual([])
  for (let joining = 0; joining < 2; joining++) {
    const begun = context.now
    settling.begin()
    context.run(begun + 60_000, settling)
    expect(compared.length).toBe(7)
    expect(new Set(compared.map(([, peer]) => peer)).size).toBeGreaterThan(2)
    const waits = compared.map(([at]) => at - begun)
    expect(waits[0]).toBeGreaterThan(390)
    expect(waits.at(-1)).toBeLessThan(11_000)
    compared.length = 0
  }
})
