import { afterEach, describe, expect, it } from 'vitest'
import { joinSerf, SerfKeyring, type SerfNode, type SerfOptions } from '../../../src/memberlist/index.ts'
import { MemoryNetwork } from './memory-transport.ts'
import { eventually, MutableTransport } from './sockets.ts'

const KEY = Buffer.alloc(16, 1).toString('base64')
const open: SerfNode[] = []

async function start(name: string, options: Partial<SerfOptions> = {}): Promise<SerfNode> {
  const node = await joinSerf({ name, bind: '127.0.0.1:0', profile: 'local', ...options })
  open.push(node)
  return node
}

function alive(node: SerfNode): string[] {
  return node
    .members()
    .filter(({ status }) => status === 'alive')
    .map(({ id }) => id)
    .sort()
}

async function refused(seed: SerfNode, options: Partial<SerfOptions>): Promise<void> {
  const joining = start('stranger', { seeds: [seed.address], joinTimeoutMs: 400, ...options })
  await expect(joining).rejects.toThrowError(
    expect.objectContaining({ code: 'GOSSIP_NOT_READY', retryable: true }),
  )
  expect(alive(seed)).toEqual([seed.id])
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (node) => await node.close()))
})

describe('two nodes of ours', () => {
  it('find each other, and tell each other events, tags, answers and the farewell', async () => {
    const a = await start('a', { tags: { role: 'web' } })
    const b = await start('b', { seeds: [a.address], tags: { role: 'db' } })
    await eventually(
      () => alive(a),
      (ids) => ids.length === 2,
      3_000,
    )
    expect(a.members().find(({ id }) => id === 'b')).toEqual({
      ...{ id: 'b', address: b.address, status: 'alive', suspect: false, tags: { role: 'db' } },
    })
    const event = b.once('event')
    a.event('deploy', 'v1', { coalesce: true })
    expect(await event).toMatchObject({
      name: 'deploy',
      payload: new Uint8Array(Buffer.from('v1')),
      coalesce: true,
    })

    const update = a.once('update')
    b.setTags({ role: 'cache' })
    expect((await update).member.tags).toEqual({ role: 'cache' })

    b.on('query', ({ name, from, respond }) => respond(`${name} of ${from}`))
    const [answer] = await a.query('who', '', { to: ['b'], timeoutMs: 5_000 })
    expect([answer?.from, Buffer.from(answer?.payload ?? []).toString()]).toEqual(['b', 'who of a'])

    const left = a.once('leave')
    await b.leave()
    expect((await left).member).toMatchObject({ id: 'b', status: 'left' })
    expect(() => b.event('late')).toThrowError(expect.objectContaining({ code: 'GOSSIP_CLOSED' }))
  })

  it('follow members in the words of a ring', async () => {
    const a = await start('a')
    const news: string[] = []
    using _following = a.follow(({ type, id, meta }) => news.push(`${id} ${type} ${meta.tags['v'] ?? ''}`))
    const b = await start('b', { seeds: [a.address], tags: { v: '1' } })
    await eventually(
      () => news.length,
      (count) => count >= 2,
      3_000,
    )
    b.setTags({ v: '2' })
    await eventually(
      () => news.length,
      (count) => count >= 3,
      3_000,
    )
    await b.leave()
    await eventually(
      () => news.length,
      (count) => count >= 4,
      3_000,
    )
    expect(news).toEqual(['a alive ', 'b alive 1', 'b updated 2', 'b left 2'])
  })

  it('run without sockets on any transport', async () => {
    const network = new MemoryNetwork()
    const a = await start('a', { transport: network.transport() })
    await start('b', { transport: network.transport(), seeds: [a.address] })
    await eventually(
      () => alive(a),
      (ids) => ids.length === 2,
      3_000,
    )
    await refused(a, { transport: network.transport(), seeds: ['10.9.9.9:1'], name: 'c' }).catch(() => {})
  })
})

describe('clusters that must not meet', () => {
  it('have other labels: a node without one refuses one with, and the other way round', async () => {
    const plain = await start('plain')
    await refused(plain, { label: 'blue' })
    expect(plain.counts()).toMatchObject({ 'wrong-label': expect.any(Number) as number })
    const blue = await start('blue', { label: 'blue' })
    await refused(blue, {})
    await refused(blue, { label: 'green' })
    const second = await start('second', { label: 'blue', seeds: [blue.address] })
    await eventually(
      () => alive(blue),
      (ids) => ids.length === 2,
      3_000,
    )
    expect(alive(second)).toEqual(['blue', 'second'])
  })

  it('have other keys, or none; with a label the key alone is not enough', async () => {
    const sealed = await start('sealed', { keys: [KEY], label: 'blue' })
    await refused(sealed, {})
    await refused(sealed, { keys: [KEY] })
    await refused(sealed, { keys: [Buffer.alloc(16, 2)], label: 'blue' })
    await start('second', { keys: [KEY], label: 'blue', seeds: [sealed.address] })
    await eventually(
      () => alive(sealed),
      (ids) => ids.length === 2,
      3_000,
    )
  })

  it('may have several keys while one replaces another', async () => {
    const next = Buffer.alloc(32, 3)
    const keys = [new SerfKeyring([KEY]), new SerfKeyring([KEY])] as const
    const a = await start('a', { keys: keys[0] })
    const b = await start('b', { keys: keys[1], seeds: [a.address] })
    for (const ring of keys) ring.add(next)
    for (const ring of keys) ring.use(next)
    for (const ring of keys) ring.remove(KEY)
    const event = b.once('event')
    a.event('after')
    expect((await event).name).toBe('after')
    await refused(await start('other', { keys: [KEY] }), { keys: [next] })
  })
})

describe('joining', () => {
  it('tries seeds again until one is there', async () => {
    const transport = new MutableTransport()
    const a = await start('a', { transport })
    transport.muted = true
    const joining = start('b', { seeds: [a.address], joinTimeoutMs: 10_000 })
    await new Promise((resolve) => setTimeout(resolve, 300))
    transport.muted = false
    expect(alive(await joining)).toEqual(['a', 'b'])
  })

  it('ends by the signal, and leaves nothing open', async () => {
    const controller = new AbortController()
    const joining = start('b', { seeds: ['127.0.0.1:9'], signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(joining).rejects.toThrowError('enough')
    await expect(start('c', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrowError(
      'before',
    )
  })

  it('refuses options that cannot be', async () => {
    const bad: [Partial<SerfOptions>, string][] = [
      [{ name: '' }, 'GOSSIP_INVALID_OPTION'],
      [{ name: 'a b' }, 'GOSSIP_INVALID_OPTION'],
      [{ bind: 'localhost:1' }, 'GOSSIP_INVALID_OPTION'],
      [{ advertise: 'nowhere:1' }, 'GOSSIP_INVALID_OPTION'],
      [{ seeds: [''] }, 'GOSSIP_INVALID_OPTION'],
      [{ tags: { a: 1 } as never }, 'GOSSIP_INVALID_OPTION'],
      [{ tags: { a: 'x'.repeat(600) } }, 'GOSSIP_TOO_LARGE'],
      [{ keys: ['short'] }, 'GOSSIP_INVALID_OPTION'],
      [{ label: 'x'.repeat(256) }, 'GOSSIP_INVALID_OPTION'],
      [{ profile: 'moon' as never }, 'GOSSIP_INVALID_OPTION'],
      [{ maxMembers: 1 }, 'GOSSIP_INVALID_OPTION'],
      [{ joinTimeoutMs: 0 }, 'GOSSIP_INVALID_OPTION'],
    ]
    for (const [options, code] of bad) {
      await expect(start('a', options), JSON.stringify(options)).rejects.toThrowError(
        expect.objectContaining({ code }),
      )
    }
    const a = await start('a')
    await expect(start('b', { bind: a.address })).rejects.toThrowError(
      expect.objectContaining({ code: 'HOST_ADDRESS_IN_USE' }),
    )
    expect(() => a.event('x'.repeat(513))).toThrowError(expect.objectContaining({ code: 'GOSSIP_TOO_LARGE' }))
    expect(() => a.remove('a')).toThrowError(expect.objectContaining({ code: 'GOSSIP_INVALID_OPTION' }))
  })
})
