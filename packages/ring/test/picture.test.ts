import { describe, expect, it } from 'vitest'
import type { RingNode } from '../src/core/members.ts'
import { ownership } from '../src/core/ownership.ts'
import { toSVG, toText } from '../src/picture.ts'
import { createRing, type Ring } from '../src/ring.ts'

function ringOf(count: number, vnodes = 160): Ring {
  return createRing(
    Array.from({ length: count }, (_, at) => ({ id: `node-${at}` })),
    { vnodes },
  )
}

/** Enough of XML to see that tags are closed in order and that text has no bare markup; returns how often each tag occurs. */
function tagsOf(xml: string): Map<string, number> {
  const counts = new Map<string, number>()
  const open: string[] = []
  const rest = xml.replace(
    /<(\/?)(\w+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g,
    (_, close: string, tag: string, _attributes, empty: string) => {
      if (close !== '') expect(open.pop()).toBe(tag)
      else {
        counts.set(tag, (counts.get(tag) ?? 0) + 1)
        if (empty === '') open.push(tag)
      }
      return ''
    },
  )
  expect(open).toEqual([])
  expect(rest.replace(/&(amp|lt|gt|quot|apos);/g, '')).not.toMatch(/[<>&]/)
  return counts
}

/** Share of each colour on the circle, measured on the picture: the angles between the ends of its arcs. */
function drawnShares(svg: string): Map<string, number> {
  const [, , width] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
  expect(width).toBeDefined()
  const shares = new Map<string, number>()
  for (const [, d, colour] of svg.matchAll(/<path d="([^"]+)" stroke="(#[0-9a-f]{6})"/g)) {
    let share = 0
    for (const path of d!.split('M').slice(1)) {
      const ends = path.split(/A[\d.]+ [\d.]+ 0 0 1 /).map((end) => {
        const [x, y] = end.split(' ').map(Number) as [number, number]
        return Math.atan2(x - 220, 220 - y) / (2 * Math.PI)
      })
      for (const [at, end] of ends.slice(1).entries()) share += (end - ends[at]! + 1) % 1
    }
    shares.set(colour!, (shares.get(colour!) ?? 0) + share)
  }
  return shares
}

function coloursOf(svg: string): string[] {
  return [...svg.matchAll(/height="14" fill="(#[0-9a-f]{6})"/g)].map(([, colour]) => colour!)
}

describe('toSVG', () => {
  it.each([3, 10, 30, 100])('is a well-formed picture of %d nodes with a legend', (count) => {
    const ring = ringOf(count)
    const svg = toSVG(ring)
    const tags = tagsOf(svg)
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/)
    expect(svg).toContain(`<title>Placement of ${count} nodes</title>`)
    expect([tags.get('svg'), tags.get('path'), tags.get('text')]).toEqual([1, count, count])
    for (const [id, { share }] of ownership(ring))
      expect(svg).toContain(`>${id} ${(share * 100).toFixed(2)} %</text>`)
    expect(svg.length).toBeLessThan(300_000)
  })

  it.each([3, 20, 21, 100])('has room for the legend of %d nodes, in three columns at most', (count) => {
    const svg = toSVG(ringOf(count))
    const [width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.slice(1).map(Number) as [number, number]
    const texts = [...svg.matchAll(/<text x="(\d+)" y="(\d+)">([^<]+)</g)]
    expect(new Set(texts.map(([, x, y]) => `${x}/${y}`)).size).toBe(count)
    expect(new Set(texts.map(([, x]) => x)).size).toBe(count <= 20 ? 1 : Math.min(3, Math.ceil(count / 20)))
    expect(
      texts.every(([, x, y, label]) => Number(x) + 8 * label!.length <= width && Number(y) <= height),
    ).toBe(true)
  })

  it.each([4, 40])('draws arcs as long as the shares, at %d points a node', (vnodes) => {
    const ring = createRing([{ id: 'a', weight: 2 }, { id: 'b' }, { id: 'c' }], { vnodes })
    const svg = toSVG(ring)
    const shares = drawnShares(svg)
    for (const [at, { share }] of [...ownership(ring).values()].entries()) {
      expect(Math.abs(shares.get(coloursOf(svg)[at]!)! - share)).toBeLessThan((2 * vnodes) / 2048)
    }
    expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2)
  })

  it('begins at the top and goes clockwise', () => {
    const half = 2 ** 31
    const nodes = [{ id: 'first' }, { id: 'second' }]
    const halves = { ...ringOf(0), nodes, boundaries: () => Uint32Array.of(half - 1, 2 ** 32 - 1) }
    const placement = Object.assign(Object.create(ringOf(0)) as Ring, halves, {
      replicasAt: (position: number) => [nodes[position < half ? 0 : 1] as RingNode],
    })
    const [first, second] = [...toSVG(placement).matchAll(/<path d="([^"]+)"/g)].map(([, d]) => d)
    expect(first).toBe('M220 45A175 175 0 0 1 220 395')
    expect(second).toBe('M220 395A175 175 0 0 1 220 45')
  })

  it('draws a sole node as a full circle and nobody as an empty one', () => {
    expect([...drawnShares(toSVG(createRing([{ id: 'a' }]))).values()]).toEqual([1])
    const tags = tagsOf(toSVG(createRing([])))
    expect([tags.get('path'), tags.get('circle'), tags.get('text')]).toEqual([undefined, 1, undefined])
    const drained = toSVG(createRing([{ id: 'a' }, { id: 'off', weight: 0 }]))
    expect(drained).toContain('>off 0.00 %</text>')
    expect(tagsOf(drained).get('path')).toBe(1)
  })

  it.each([
    [1000, 1010],
    [2 ** 32 - 5, 5],
  ])('leaves out what is too short to be seen, and draws the rest in full: (%d, %d]', (from, to) => {
    const tiny = { id: 'tiny' }
    const whole = { id: 'whole' }
    const isTiny = (position: number): boolean =>
      from < to ? position > from && position <= to : position > from || position <= to
    const lopsided = Object.assign(Object.create(ringOf(0)) as Ring, {
      nodes: [tiny, whole],
      boundaries: () => Uint32Array.of(from, to).sort(),
      replicasAt: (position: number) => [isTiny(position) ? tiny : whole],
    })
    const svg = toSVG(lopsided)
    expect([...drawnShares(svg).values()]).toEqual([1])
    expect(svg).toContain('>whole: 100.00 %</title>')
  })

  it('gives an id its colour whoever else is there', () => {
    const colour = coloursOf(toSVG(createRing([{ id: 'cache-1' }])))[0]
    expect(coloursOf(toSVG(createRing([{ id: 'a' }, { id: 'cache-1' }])))[1]).toBe(colour)
    expect(new Set(coloursOf(toSVG(ringOf(100)))).size).toBeGreaterThan(90)
    expect(toSVG(ringOf(5))).toBe(toSVG(ringOf(5)))
  })

  it('lets no id or title out of its text', () => {
    const id = `</title><script>alert("x")</script>&'\u0000\u001b\ud800`
    const svg = toSVG(createRing([{ id }]), { title: '<b>&"' })
    const tags = tagsOf(svg)
    expect(tags.has('script')).toBe(false)
    expect(svg).toContain('<title>&lt;b&gt;&amp;&quot;</title>')
    expect(svg).toContain(
      `&lt;/title&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&apos;\ufffd\ufffd\ufffd`,
    )
    expect([...svg].filter((character) => character < ' ' && character !== '\n')).toEqual([])
  })

  it('is as large as asked', () => {
    expect(toSVG(ringOf(3), { size: 200 })).toContain('viewBox="0 0 392 240"')
    for (const size of [99, 4001, 100.5, NaN]) {
      const invalid: unknown = expect.objectContaining({ code: 'RING_INVALID_OPTION' })
      expect(() => toSVG(ringOf(3), { size })).toThrow(invalid)
    }
  })
})

describe('toText', () => {
  it('is a line for each node and the circle as one line', () => {
    const ring = createRing([{ id: 'a', weight: 2 }, { id: 'bb' }, { id: 'off', weight: 0 }], { vnodes: 40 })
    const [a, bb] = [...ownership(ring).values()].map(({ share }) => share) as [number, number]
    const shown = (share: number): string => (share * 100).toFixed(2)
    const bars = Math.round((Math.min(a, bb) / Math.max(a, bb)) * 30)
    const strip = Array.from({ length: 30 }, (_, at) => {
      const [owner] = ring.replicasAt(Math.floor(((at + 0.5) / 30) * 2 ** 32), 1)
      return owner!.id === 'a' ? 'a' : 'b'
    })
    expect(toText(ring, { width: 30 }).split('\n')).toEqual([
      '   node    share  expected',
      `a  a     ${shown(a)} %   66.67 %  ${'█'.repeat(30)}`,
      `b  bb    ${shown(bb)} %   33.33 %  ${'█'.repeat(bars)}`,
      'c  off    0.00 %    0.00 %',
      '',
      strip.join(''),
    ])
    expect(new Set(strip).size).toBe(2)
  })

  it('has a symbol for each of 100 nodes, and one for the rest', () => {
    const symbols = (count: number): string[] =>
      toText(ringOf(count, 4))
        .split('\n')
        .slice(1, count + 1)
        .map((line) => [...line][0]!)
    expect(new Set(symbols(105)).size).toBe(105)
    expect(symbols(120).slice(105)).toEqual(Array(15).fill('*'))
    const all = new Set([...'*', ...symbols(120)])
    expect([...toText(ringOf(120, 4)).split('\n').at(-1)!].filter((symbol) => !all.has(symbol))).toEqual([])
  })

  it('keeps each node on its line', () => {
    const text = toText(createRing([{ id: 'a\nb\u2028' }, { id: 'x'.repeat(100) }]), { width: 10 })
    const lines = text.split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[1]).toContain('a\\u{a}b\\u{2028}')
    expect(lines[2]).toContain(`${'x'.repeat(39)}… `)
  })

  it('has an answer when nobody owns anything', () => {
    expect(toText(createRing([]), { width: 10 })).toBe('  node  share  expected\n\n----------')
    expect(toText(createRing([{ id: 'off', weight: 0 }]), { width: 10 })).toMatch(
      /^a {2}off +0\.00 % +0\.00 %\n\n-{10}$/m,
    )
  })

  it('shows small shares', () => {
    const ring = createRing(
      [
        { id: 'a', weight: 400 },
        { id: 'b', weight: 0.001 },
      ],
      { vnodes: 100 },
    )
    expect(toText(ring)).toMatch(/^b {2}b +0\.00\d+ % /m)
  })

  it('refuses a width that makes no sense', () => {
    const invalid: unknown = expect.objectContaining({ code: 'RING_INVALID_OPTION' })
    for (const width of [9, 1001, 10.5, NaN]) expect(() => toText(ringOf(3), { width })).toThrow(invalid)
  })
})
