import { describe, expect, it, vi } from 'vitest'
import type { CoreEvent } from '../../src/core/core-event.ts'
import { code, join, text, typedNode } from './fake-node.ts'

describe('a shared value', () => {
  it('is read, written, taken away and listened to', async () => {
    const { node, core, tell } = await typedNode()
    const limit = node.shared<number>('limit')
    expect(limit.value).toBeUndefined()
    limit.set(7)
    limit.delete()
    expect(core.fed('share')).toEqual([
      { type: 'share', key: 'limit', value: text('7') },
      { type: 'share', key: 'limit', value: undefined },
    ])
    const heard: unknown[] = []
    limit.on((value) => heard.push(value))
    core.sharedValues.set('limit', { value: text('9'), by: 'b' })
    tell({ type: 'shared', key: 'limit', value: text('9'), by: 'b' })
    tell({ type: 'shared', key: 'limits', value: text('1'), by: 'b' })
    tell({ type: 'shared', key: 'limit', value: text('{'), by: 'b' })
    expect(heard).toEqual([9, undefined])
    expect([limit.value, limit.by]).toEqual([9, 'b'])
  })
})

describe('a message', () => {
  it.each([
    ['one', 1],
    ['quorum', 2],
    ['all', 4],
  ] as const)('that waits for %s resolves when %i others of four have it', async (what, needed) => {
    const { node, core, tell } = await typedNode()
    tell(join('b'), join('c'), join('d'), join('e'))
    const settled = vi.fn()
    const sent = node.broadcast('deploy', { v: 1 }, { await: what })
    void sent.then(settled)
    const id = core.fed('broadcast')[0]?.id ?? -1
    expect(core.fed('broadcast')[0]).toMatchObject({ topic: 'deploy', payload: text('{"v":1}') })
    tell({ type: 'delivered', id, count: needed - 1, done: false })
    await Promise.resolve()
    expect(settled).not.toHaveBeenCalled()
    tell({ type: 'delivered', id, count: needed, done: false })
    expect(await sent).toEqual({ delivered: needed, of: 4, reached: true })
  })

  it('that waits for a quorum counts the sender: of four nodes two others make three', async () => {
    const { node, core, tell } = await typedNode()
    tell(join('b'), join('c'), join('d'))
    const sent = node.broadcast('deploy', 1, { await: 'quorum' })
    const id = core.fed('broadcast')[0]?.id ?? -1
    tell({ type: 'delivered', id, count: 1, done: false })
    tell({ type: 'delivered', id, count: 2, done: false })
    expect(await sent).toEqual({ delivered: 2, of: 3, reached: true })
  })

  it('says when not enough have it: the time is over, or nobody is left to wait for', async () => {
    const { node, core, tell, host } = await typedNode()
    tell(join('b'), join('c'))
    const sent = node.broadcast('deploy', 1, { await: 'all', timeoutMs: 500 })
    tell({ type: 'delivered', id: core.fed('broadcast')[0]?.id ?? -1, count: 1, done: false })
    host.clock.run(500)
    expect(await sent).toEqual({ delivered: 1, of: 2, reached: false })
    const other = node.broadcast('deploy', 1, { await: 'all' })
    tell({ type: 'delivered', id: core.fed('broadcast')[1]?.id ?? -1, count: 0, done: true })
    expect(await other).toEqual({ delivered: 0, of: 2, reached: false })
    expect(await node.broadcast('deploy', 1)).toEqual({ delivered: 0, of: 2, reached: true })
    const controller = new AbortController()
    const third = node.broadcast('deploy', 1, { await: 'all', signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(third).rejects.toThrow('enough')
    core.refused = 'queue-full'
    await expect(node.broadcast('x', 1, { await: 'all' })).rejects.toMatchObject({
      code: 'GOSSIP_OVERLOADED',
      retryable: true,
    })
    core.refused = 'too-large'
    await expect(node.broadcast('x', 1)).rejects.toThrow(code('GOSSIP_TOO_LARGE'))
  })

  it('comes to who listens to its topic, decoded', async () => {
    const { node, tell, host } = await typedNode()
    const heard: unknown[] = []
    const listening = node.onMessage<{ v: number }>('deploy', ({ v }, meta) => heard.push([v, meta]))
    const message = (topic: string, payload: string): CoreEvent => ({
      ...{ type: 'broadcast', from: 'b', topic, payload: text(payload), lamport: 5 },
    })
    tell(message('deploy', '{"v":1}'), message('other', '{"v":2}'), message('deploy', '{'))
    listening[Symbol.dispose]()
    tell(message('deploy', '{"v":3}'))
    expect(heard).toEqual([[1, { from: 'b', lamport: 5 }]])
    expect(host.observed).toContainEqual(expect.objectContaining({ type: 'gossip.undecodable', from: 'b' }))
  })
})

describe('a question', () => {
  it('collects answers as they come, until the core says that it is over', async () => {
    const { node, core, tell } = await typedNode()
    const answers = node.query<string, number>('load', 'now', { to: ['b', 'c'], timeoutMs: 1000 })
    const [asked] = core.fed('query')
    expect(asked).toMatchObject({ topic: 'load', to: ['b', 'c'], timeoutMs: 1000, payload: text('"now"') })
    const question = asked?.question ?? -1
    tell({ type: 'answer', question, from: 'b', payload: text('1') })
    tell({ type: 'answer', question, from: 'x', payload: text('{') })
    tell({ type: 'answer', question, from: 'c', payload: text('2') })
    tell({ type: 'answer', question })
    const read: unknown[] = []
    for await (const answer of answers) read.push(answer)
    expect(read).toEqual([
      { from: 'b', value: 1 },
      { from: 'c', value: 2 },
    ])
  })

  it('ends by itself, should the core not say so, and with an error when the node closes', async () => {
    const { node, host } = await typedNode()
    const answers = node.query('load', 1, { timeoutMs: 1000 })
    const first = answers.next()
    host.clock.run(2000)
    expect((await first).done).toBe(true)
    const other = node.query('load', 1)
    const next = other.next()
    await node.close()
    await expect(next).rejects.toThrow(code('GOSSIP_CLOSED'))
  })

  it('is answered by one handler a topic, at once or later, or not at all', async () => {
    const { node, core, tell, host } = await typedNode()
    node.answer<number, number>('double', (value, { from }) =>
      from === 'b' ? Promise.resolve(value * 2) : undefined,
    )
    expect(() => node.answer('double', () => 1)).toThrow(code('GOSSIP_INVALID_OPTION'))
    const ask = (from: string, question: number, topic = 'double'): CoreEvent => ({
      ...{ type: 'query', from, question, topic, payload: text('21'), lamport: 1 },
    })
    tell(ask('b', 1), ask('c', 2), ask('b', 3, 'other'))
    await vi.waitFor(() => expect(core.fed('answer')).toHaveLength(1))
    expect(core.fed('answer')).toEqual([{ type: 'answer', from: 'b', question: 1, payload: text('42') }])
    node.answer('bad', () => Promise.reject(new Error('mine')))
    tell(ask('b', 4, 'bad'))
    await vi.waitFor(() =>
      expect(host.observed).toContainEqual(
        expect.objectContaining({ type: 'gossip.listener-failed', event: 'query' }),
      ),
    )
  })
})
