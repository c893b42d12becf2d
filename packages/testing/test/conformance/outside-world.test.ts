import { expect, test } from 'vitest'
import { watchOutside } from '../../src/conformance/machine/outside-world.ts'

function asked(act: () => unknown): readonly string[] {
  const seen: string[] = []
  watchOutside((what) => seen.push(what), act)
  return seen
}

const ways: readonly (readonly [string, () => unknown])[] = [
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['Math.random', () => Math.random()],
  ['performance.now', () => performance.now()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(4))],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['setTimeout', () => clearTimeout(setTimeout(() => undefined, 1))],
  ['queueMicrotask', () => queueMicrotask(() => undefined)],
]

test.each(ways)('%s is seen, each time, with a true answer', (what, act) => {
  expect(asked(() => [act(), act()])).toEqual([what, what])
  let answer: unknown
  asked(() => (answer = act()))
  expect(typeof answer).toBe(typeof act())
})

test('arithmetic with dates is no question', () => {
  const seen = asked(() => {
    const date = new Date(5)
    expect(date).toBeInstanceOf(Date)
    expect([date.getTime(), Date.UTC(1970, 0, 2), Date.parse('1970-01-01T00:00:01Z')]).toEqual([
      5, 86_400_000, 1000,
    ])
  })
  expect(seen).toEqual([])
})

test('everything is as it was afterwards, also after a throw', () => {
  const globals = (): readonly unknown[] => [
    Date,
    Object.getOwnPropertyDescriptor(Date, 'now')?.value,
    Object.getOwnPropertyDescriptor(Math, 'random')?.value,
    Object.getOwnPropertyDescriptor(performance, 'now'),
    Object.getOwnPropertyDescriptor(crypto, 'randomUUID'),
    setTimeout,
    queueMicrotask,
  ]
  const before = globals()
  let during = before
  expect(() =>
    asked(() => {
      during = globals()
      throw new Error('thrown')
    }),
  ).toThrow('thrown')
  expect(globals()).toEqual(before)
  expect(globals().every((value, at) => value === before[at])).toBe(true)
  expect(during.some((value, at) => value === before[at])).toBe(false)
})
