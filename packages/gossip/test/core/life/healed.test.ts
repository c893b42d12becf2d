import { expect, it } from 'vitest'
import { Healing } from '../../../src/core/life/healing.ts'
import type { Member, MemberStatus } from '../../../src/core/members/member.ts'
import { FakeContext } from '../fake-context.ts'

function member(id: string, status: MemberStatus, epoch = 7): Member {
  return { id, address: `udp://${id}`, incarnation: { epoch, counter: 0 }, status, zone: '' }
}

function fixture() {
  const context = new FakeContext('self')
  const healing = new Healing(context)
  const back = (id: string, status: MemberStatus = 'alive', epoch = 7): void =>
    healing.memberChanged(member(id, 'failed'), member(id, status, epoch))
  return { context, healing, back }
}

it('counts those who come back together, once they have all come', () => {
  const { context, healing, back } = fixture()
  for (const id of ['a', 'b', 'c']) {
    back(id, id === 'b' ? 'suspect' : 'alive')
    context.run(context.now + 1000, healing)
  }
  expect(context.events).toEqual([])
  context.run(context.now + 3000, healing)
  expect(context.events).toEqual([{ type: 'healed', members: 3 }])
  expect(healing.deadline).toBe(Infinity)
})

it('tells of a long merge in parts', () => {
  const { context, healing, back } = fixture()
  for (let second = 0; second < 25; second++) {
    back(`m${second}`)
    context.run(context.now + 1000, healing)
  }
  context.run(context.now + 5000, healing)
  const parts = context.events.map((event) => (event.type === 'healed' ? event.members : 0))
  expect(parts.length).toBe(3)
  expect(parts.reduce((sum, part) => sum + part)).toBe(25)
})

it('counts nobody who was restarted, joins for the first time or only gets better', () => {
  const { context, healing, back } = fixture()
  back('a', 'alive', 8)
  back('b', 'left')
  healing.memberChanged(undefined, member('c', 'alive'))
  healing.memberChanged(member('d', 'suspect'), member('d', 'alive'))
  healing.memberChanged(member('e', 'left'), member('e', 'alive', 8))
  healing.memberChanged(member('f', 'failed'), undefined)
  context.run(context.now + 60_000, healing)
  expect(context.events).toEqual([])
})
