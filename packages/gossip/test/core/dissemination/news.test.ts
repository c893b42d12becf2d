import { ByteReader, ByteWriter } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { News } from '../../../src/core/dissemination/news.ts'
import { spreadLimit } from '../../../src/core/dissemination/spread-limit.ts'
import { type MemberUpdate, readUpdate } from '../../../src/core/wire/member-update.ts'
import { FakeContext, deliver, update } from '../fake-context.ts'

function fixture(peers = 9, buddy = true) {
  const context = new FakeContext(
    'self',
    Array.from({ length: peers }, (_, index) => `p${index}`),
  )
  const applied: [MemberUpdate, string, string][] = []
  const news = new News(
    context,
    { apply: (...all) => applied.push(all), isEcho: (id) => id === 'echo' },
    { maxBytes: 10_000, buddy },
  )
  return { context, news, applied }
}

function written(news: News, to: string, budget = 1000): MemberUpdate[] {
  const writer = new ByteWriter()
  news.write(writer, budget, to)
  const bytes = writer.finish()
  expect(bytes.length).toBeLessThanOrEqual(budget)
  const reader = new ByteReader(bytes)
  const updates: MemberUpdate[] = []
  while (reader.remaining > 0) {
    const read = readUpdate(reader, 'self')
    if (read) updates.push(read)
  }
  expect(reader.failed).toBe(false)
  return updates
}

describe('the limit of sends', () => {
  it('is λ times the digits of the live number of members', () => {
    // [members, limit], for λ = 4: as memberlist derives it.
    const rows = [
      [1, 4],
      [2, 4],
      [9, 4],
      [10, 8],
      [99, 8],
      [100, 12],
      [1000, 16],
      [10_000, 20],
    ] as const
    for (const [size, limit] of rows) {
      const context = { members: { size }, timing: { retransmitFactor: 4 } }
      expect(spreadLimit(context as never), `${size} members`).toBe(limit)
    }
  })
})

describe('news', () => {
  it('is spread as often as the limit says, then no more', () => {
    const { news } = fixture(8)
    news.spread(update('a'))
    for (let send = 0; send < 4; send++) expect(written(news, 'p1').map(({ id }) => id)).toEqual(['a'])
    expect(news.backlog).toBe(0)
    expect(written(news, 'p1')).toEqual([])
  })

  it('is one piece a member: the newest', () => {
    const { news } = fixture()
    news.spread(update('a'))
    news.spread(update('a', 'suspect', { accuser: 'self' }))
    expect(written(news, 'p1')).toEqual([update('a', 'suspect', { accuser: 'self' })])
    expect(news.size).toBe(1)
  })

  it('tells the accused first, and nobody good news of itself', () => {
    const { news } = fixture()
    for (const id of ['a', 'b', 'c', 'd']) news.spread(update(id, 'suspect', { accuser: 'self' }))
    for (const id of ['e', 'f', 'g', 'h']) news.spread(update(id))
    const [first] = written(news, 'a', 20)
    expect(first).toEqual(update('a', 'suspect', { accuser: 'self' }))
    expect(written(news, 'e', 1000).map(({ id }) => id)).not.toContain('e')
    // An accused that refuted is no longer told.
    news.spread(update('a', 'alive', { incarnation: { epoch: 7, counter: 1 } }))
    expect(written(news, 'a', 1000).map(({ id }) => id)).not.toContain('a')
  })

  it('tells the accused like everybody else without the buddy system: it could never refute else', () => {
    const { news } = fixture(9, false)
    for (const id of ['a', 'b']) news.spread(update(id, 'suspect', { accuser: 'self' }))
    news.spread(update('c'))
    expect(written(news, 'a').map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(written(news, 'c').map(({ id }) => id)).not.toContain('c')
  })

  it('goes to the table, by gossip, with who sent it', () => {
    const { news, applied } = fixture()
    news.spread(update('a'))
    news.spread(update('b', 'left'))
    const writer = new ByteWriter()
    news.write(writer, 1000, 'p1')
    const other = fixture()
    deliver(other.news, writer.finish(), 'p3')
    expect(other.applied).toEqual([
      [update('b', 'left'), 'gossip', 'p3'],
      [update('a'), 'gossip', 'p3'],
    ])
    expect(applied).toEqual([])
  })

  it('passes over echoes, and over nothing else', () => {
    const { news } = fixture()
    for (const id of ['a', 'echo', 'b']) news.spread(update(id))
    const writer = new ByteWriter()
    news.write(writer, 1000, 'p1')
    const other = fixture()
    deliver(other.news, writer.finish(), 'p3')
    expect(other.applied.map(([{ id }]) => id)).toEqual(['b', 'a'])
    expect(other.context.drops).toEqual([])
  })

  it('keeps what came before malformed bytes and drops the rest, counted', () => {
    const { context, news, applied } = fixture()
    news.spread(update('a'))
    const writer = new ByteWriter()
    news.write(writer, 1000, 'p1')
    writer.raw(Uint8Array.from([0xff, 1, 2, 3]))
    deliver(news, writer.finish(), 'p3')
    expect(applied.map(([{ id }]) => id)).toEqual(['a'])
    expect(context.drops).toEqual(['malformed-update'])
  })

  it('is bounded in bytes', () => {
    const { context, news } = fixture()
    for (let index = 0; index < 2000; index++) news.spread(update(`member-${index}`))
    expect(news.backlog).toBeLessThanOrEqual(10_000)
    expect(context.drops.length).toBe(2000 - news.size)
    expect(new Set(context.drops)).toEqual(new Set(['news-overflow']))
  })
})
