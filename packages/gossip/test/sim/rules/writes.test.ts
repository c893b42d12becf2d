import { describe, expect, it } from 'vitest'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { CoreInput } from '../../../src/core/input.ts'
import type { RuleName } from './facts.ts'
import { Found } from './found.ts'
import { OwnWriteRules } from './own-writes.ts'
import { SharedRules } from './shared-values.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the rule of own writes', () => {
  /** One step of `a` at a time, and what it reads of its own state after it. */
  type Case = readonly [
    now: number,
    input: CoreInput,
    reads: Readonly<Record<string, string>>,
    refused?: string,
  ]

  const set = (key: string, text?: string, ttlMs?: number): CoreInput => ({
    type: 'set',
    key,
    value: text === undefined ? undefined : bytes(text),
    ...(ttlMs !== undefined && { ttlMs }),
  })
  const tick: CoreInput = { type: 'tick' }

  const broken = (...cases: readonly Case[]): RuleName[] => {
    const found = new Found()
    const rule = new OwnWriteRules(found)
    rule.onBoot('a')
    for (const [now, input, reads, refused] of cases) {
      const core = {
        stage: 'present',
        state: () => Object.entries(reads).map(([key, text]) => [key, bytes(text)] as const),
        value: (_id: string, key: string) => (reads[key] === undefined ? undefined : bytes(reads[key])),
      }
      const outputs = { sends: [], events: [], deadline: 0, refused }
      rule.onInput('a', core as unknown as GossipCore, { now, input, outputs } as never)
    }
    return found.rules
  }

  it('allows what was written last, what was refused, and a time that is over but not looked at', () => {
    expect(broken([1, set('x', '1'), { x: '1' }], [2, set('x', '2'), { x: '2' }])).toEqual([])
    expect(broken([1, set('x', '1'), { x: '1' }], [2, set('x', '2'), { x: '1' }, 'too-many-bytes'])).toEqual(
      [],
    )
    expect(broken([1, set('x', '1'), { x: '1' }], [2, set('x'), {}])).toEqual([])
    expect(broken([1, set('x', '1', 5), { x: '1' }], [6, set('y', '2'), { x: '1', y: '2' }])).toEqual([])
    expect(broken([1, set('x', '1', 5), { x: '1' }], [6, tick, {}])).toEqual([])
  })

  it('sees a write that is lost, one that is not the last, a deletion that is none, and a key that outlives its time', () => {
    const rule: RuleName = 'own writes are read back'
    expect(broken([1, set('x', '1'), {}])).toEqual([rule])
    expect(broken([1, set('x', '1'), { x: '1' }], [2, set('x', '2'), { x: '1' }])).toEqual([rule])
    expect(broken([1, set('x', '1'), { x: '1' }], [2, set('x'), { x: '1' }])).toEqual([rule])
    expect(broken([1, set('x', '1', 5), { x: '1' }], [6, tick, { x: '1' }])).toEqual([rule])
    expect(broken([1, set('x', '1', 5), { x: '1' }], [5, tick, {}])).toEqual([rule])
  })
})

describe('the order of shared values', () => {
  /** What nodes see of one key, in this order; `''`: it is deleted. */
  const seen = (...sights: readonly (readonly [node: string, text: string])[]): RuleName[] => {
    const found = new Found()
    const rule = new SharedRules(found, true)
    for (const node of found.nodes) rule.onBoot(node, 1)
    for (const text of ['1', '2', '3', '']) rule.onAsked('a', 'share', `k ${text}`)
    for (const [node, text] of sights)
      rule.onEvent(node, { type: 'shared', key: 'k', value: text === '' ? undefined : bytes(text), by: 'a' })
    return found.rules
  }
  const rule: RuleName = 'shared values have one order'

  it('allows nodes to pass over what others saw, and deletions anywhere', () => {
    expect(seen(['a', '1'], ['a', '2'], ['a', '3'], ['b', '1'], ['b', '3'], ['c', '3'])).toEqual([])
    expect(seen(['a', '1'], ['a', ''], ['a', '2'], ['b', ''], ['b', '1'], ['b', '2'])).toEqual([])
  })

  it('sees what was replaced or deleted come back', () => {
    expect(seen(['a', '1'], ['a', '2'], ['a', '1'])).toEqual([rule])
    expect(seen(['a', '1'], ['a', ''], ['a', '1'])).toEqual([rule])
  })

  it('sees two nodes go through the same writes in different orders, also by way of others', () => {
    expect(seen(['a', '1'], ['a', '2'], ['b', '2'], ['b', '1'])).toEqual([rule])
    expect(seen(['a', '1'], ['a', '2'], ['b', '2'], ['b', '3'], ['c', '3'], ['c', '1'])).toEqual([rule])
  })

  it('has no deletions that nobody asked for', () => {
    /** `a` and `b` ask for these, then `c` sees these. */
    const lost = (
      asked: readonly (readonly [node: string, text: string])[],
      ...sights: string[]
    ): RuleName[] => {
      const found = new Found()
      const rules = new SharedRules(found, true)
      for (const node of found.nodes) rules.onBoot(node, 1)
      for (const [node, text] of asked) rules.onAsked(node, 'share', `k ${text}`)
      for (const text of sights) {
        const value = text === '' ? undefined : bytes(text)
        rules.onEvent('c', { type: 'shared', key: 'k', value, by: 'a' })
      }
      return found.rules
    }
    const unasked: RuleName = 'nothing shared is deleted unasked'
    expect(lost([['a', '1']], '1', '')).toEqual([unasked])
    expect(
      lost(
        [
          ['a', ''],
          ['a', '1'],
        ],
        '1',
        '',
      ),
    ).toEqual([unasked])
    expect(
      lost(
        [
          ['a', '1'],
          ['a', ''],
        ],
        '1',
        '',
      ),
    ).toEqual([])
    // Of another node, whose clock may be ahead.
    expect(
      lost(
        [
          ['b', ''],
          ['a', '1'],
        ],
        '1',
        '',
      ),
    ).toEqual([])
    // Over already where it was replaced.
    expect(
      lost(
        [
          ['a', '1'],
          ['a', '2'],
          ['a', ''],
        ],
        '1',
        '2',
        '',
      ),
    ).toEqual([])
  })

  it('begins anew with a new life', () => {
    const found = new Found()
    const rules = new SharedRules(found, true)
    rules.onBoot('b', 1)
    for (const text of ['1', '2']) {
      rules.onAsked('a', 'share', `k ${text}`)
      rules.onEvent('b', { type: 'shared', key: 'k', value: bytes(text), by: 'a' })
    }
    rules.onBoot('b', 2)
    rules.onEvent('b', { type: 'shared', key: 'k', value: bytes('1'), by: 'a' })
    expect(found.rules).toEqual([])
  })
})
