import { describe, expect, it } from 'vitest'
import { FORMAT_VERSION, FormatUpgrade } from '../../src/runtime/format-upgrade.ts'
import type { Route } from '../../src/runtime/route.ts'
import type { VersionNotice } from '../../src/runtime/version-wire.ts'

/** A leader of a group of two, and what it says. */
function setUp(isLasting = false) {
  const said: VersionNotice[] = []
  const state = { done: false, appended: 0 }
  const route: { -readonly [Field in keyof Route]: Route[Field] } = {
    ...{ id: 'a', role: 'leader', term: 3, leader: 'a', life: 1, now: 0 },
    uncommitted: { entries: 0, bytes: 0 },
    send: (_to, message) => {
      if (message.type === 'version') said.push(message)
      return true
    },
    wake: () => undefined,
  }
  const upgrade = new FormatUpgrade({
    route,
    isLasting,
    members: () => ['a', 'b'],
    isDone: () => state.done,
    append: () => ++state.appended > 0,
  })
  const pass = (ms: number): void => {
    for (const end = route.now + ms; route.now < end; route.now += 50) upgrade.turn()
  }
  return { upgrade, said, state, route, pass }
}

describe('an upgrade of the format', () => {
  it('asks nobody before something needs it, and appends once everybody has answered', () => {
    const { upgrade, said, state, pass } = setUp()
    pass(1000)
    expect(said).toEqual([])
    upgrade.want()
    pass(50)
    expect(said).toEqual([{ type: 'version', version: FORMAT_VERSION, asks: 'version' }])
    upgrade.onNotice('x', { type: 'version', version: FORMAT_VERSION, asks: 'nothing' })
    upgrade.onNotice('b', { type: 'version', version: FORMAT_VERSION - 1, asks: 'nothing' })
    pass(50)
    expect(state.appended).toBe(0)
    upgrade.onNotice('b', { type: 'version', version: FORMAT_VERSION, asks: 'nothing' })
    pass(500)
    expect(state.appended).toBe(1)
    state.done = true
    pass(50)
    expect(upgrade.size).toBe(0)
  })

  it('asks ever more rarely, and in an idle group no more at all until something needs it again', () => {
    const { upgrade, said, pass } = setUp()
    upgrade.want()
    pass(60_000)
    expect(said.length).toBeGreaterThan(5)
    expect(said.length).toBeLessThan(12)
    expect(upgrade.size).toBe(0)
    const before = said.length
    pass(60_000)
    expect(said).toHaveLength(before)
    upgrade.want()
    pass(60_000)
    expect(said).toHaveLength(before + 1)
    upgrade.onChange()
    upgrade.want()
    pass(50)
    expect(said).toHaveLength(before + 2)
  })

  it('goes on asking where the group was told to make itself ready', () => {
    const { upgrade, said, pass } = setUp(true)
    upgrade.want()
    pass(60_000)
    const before = said.length
    expect(upgrade.size).toBe(1)
    pass(60_000)
    expect(said.length).toBeGreaterThan(before + 4)
  })

  it('forgets in a new term what members said before', () => {
    const { upgrade, state, route, pass } = setUp()
    upgrade.onNotice('b', { type: 'version', version: FORMAT_VERSION, asks: 'nothing' })
    route.term++
    upgrade.onChange()
    upgrade.want()
    pass(500)
    expect(state.appended).toBe(0)
  })

  it('answers who asks', () => {
    const { upgrade, said } = setUp()
    upgrade.onNotice('b', { type: 'version', version: 1, asks: 'version' })
    expect(said).toEqual([{ type: 'version', version: FORMAT_VERSION, asks: 'nothing' }])
  })
})
