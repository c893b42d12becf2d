import { describe, expect, it } from 'vitest'
import { fakeNode } from './fake-node.ts'
import { member, verdict } from './fake-core.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('members()', () => {
  it('begins with everybody who is there, this node included', async () => {
    const { node, core } = await fakeNode()
    core.rows.set('b', member('b', 'suspect', 3))
    core.rows.set('gone', member('gone', 'failed'))
    const members = node.members()
    expect((await members.next()).value).toMatchObject({ type: 'alive', id: 'self' })
    expect((await members.next()).value).toMatchObject({
      ...{ type: 'suspect', id: 'b', incarnation: 0x100_0003n },
      meta: { address: 'mem://b', zone: '', state: {} },
    })
    const next = members.next()
    core.next([{ type: 'fail', member: member('b', 'failed', 3), why: verdict('failed') }])
    node.remove('b')
    expect((await next).value).toMatchObject({ type: 'failed', id: 'b' })
    await node.close()
    expect((await members.next()).done).toBe(true)
  })

  it('makes one change of many for a slow reader, and never misses how a member stands in the end', async () => {
    const { node, core } = await fakeNode()
    const members = node.members()
    await members.next()
    const remove = (): void => node.remove('b')
    core.rows.set('b', member('b'))
    core.next([{ type: 'join', member: member('b'), why: verdict('alive') }])
    remove()
    for (let n = 0; n < 5000; n++) {
      core.next([{ type: 'state', id: 'b', key: 'load', value: text(String(n)), version: n }])
      remove()
    }
    expect((await members.next()).value).toMatchObject({
      type: 'alive',
      id: 'b',
      meta: { state: { load: 4999 } },
    })
    core.next([{ type: 'state', id: 'b', key: 'load', value: text('1'), version: 5001 }])
    remove()
    expect((await members.next()).value).toMatchObject({
      type: 'updated',
      id: 'b',
      meta: { state: { load: 1 } },
    })
    core.next([
      { type: 'suspect', member: member('b', 'suspect'), why: verdict('suspect') },
      { type: 'fail', member: member('b', 'failed'), why: verdict('failed') },
      { type: 'forget', member: member('b', 'failed') },
    ])
    remove()
    expect((await members.next()).value).toMatchObject({ type: 'left', id: 'b' })
    // Came and went between two looks: nobody has a picture of it.
    core.next([
      { type: 'join', member: member('c'), why: verdict('alive') },
      { type: 'fail', member: member('c', 'failed'), why: verdict('failed') },
      { type: 'join', member: member('d'), why: verdict('alive') },
    ])
    core.rows.set('b', member('b'))
    remove()
    expect((await members.next()).value).toMatchObject({ id: 'd' })
  })

  it('ends with its signal', async () => {
    const { node } = await fakeNode()
    const controller = new AbortController()
    const members = node.members({ signal: controller.signal })
    await members.next()
    const next = members.next()
    controller.abort()
    expect((await next).done).toBe(true)
  })
})
