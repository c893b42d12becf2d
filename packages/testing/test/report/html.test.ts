import { describe, expect, test } from 'vitest'
import type { Operation } from '../../src/index.ts'
import { type FailurePicture, renderHtml, type TimelineEvent } from '../../src/report/index.ts'
import { sceneFromJson } from '../../src/report/scene-json.ts'
import { done, send, timelineOf } from './timelines.ts'

const EVIL = `</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>"'&`

/** The data of a page, as its own script reads it. */
function dataOf(html: string): string {
  const [, data = ''] = /<script type="application\/json" id="scene">(.*?)<\/script>/s.exec(html) ?? []
  return data
}

describe('a page', () => {
  test('needs nothing from anywhere: no address, no source, and a policy that refuses both', () => {
    const html = renderHtml({ title: 't', timeline: timelineOf([]) })
    expect(html).not.toMatch(/https?:|\bsrc=|<link|@import|url\(/i)
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-`)
  })

  test('says what failed and how to repeat it', () => {
    const html = renderHtml({
      title: 'my suite',
      timeline: timelineOf([]),
      failure: { check: 'invariant: one leader', message: 'a and b lead term 2' },
      repro: 'COLONY_SEED=0x1 npx vitest run x.test.ts',
    })
    expect(html).toContain('<title>my suite: invariant: one leader</title>')
    expect(html).toContain('a and b lead term 2')
    expect(html).toContain('<code id="repro">COLONY_SEED=0x1 npx vitest run x.test.ts</code>')
  })

  test('of a run that did not fail has nothing about failures', () => {
    const html = renderHtml({ title: 't', timeline: timelineOf([]) })
    expect(html).not.toContain('data-command="failure"')
    expect(html).not.toContain('class="verdict"')
  })

  test('folds a long message', () => {
    const message = Array.from({ length: 9 }, (_, place) => `line <${place}>`).join('\n')
    const html = renderHtml({ title: 't', timeline: timelineOf([]), failure: { check: 'c', message } })
    expect(html).toContain('<span>line &lt;0&gt;\nline &lt;1&gt;\nline &lt;2&gt;</span><details>')
    expect(html).toContain('<pre>line &lt;3&gt;\n')
  })

  test('lists the end of the last legal order, then the first impossible operation', () => {
    const legal = Array.from({ length: 50 }, (_, place) => done(1, 'inc', place, place, { result: place }))
    const impossible = done(2, 'read', 60, 61, { result: 'nonsense' })
    const html = renderHtml({
      title: 't',
      timeline: timelineOf([]),
      operations: [...legal, impossible],
      witness: {
        key: 'x',
        operation: impossible,
        prefix: [...legal, impossible],
        shortest: true,
        lastLegal: legal,
      },
    })
    expect(html).not.toContain('<li value="10">')
    expect(html).toContain('<li value="11"><button type="button" data-at="10">client 1: inc x → 10</button>')
    expect(html).toContain('client 2: read x → &quot;nonsense&quot;</button></li></ol>')
  })
})

describe('what users put in stays text', () => {
  const picture: FailurePicture = {
    title: EVIL,
    timeline: timelineOf(
      [
        { kind: 'send', at: 1, frame: 1, from: EVIL, to: 'b', channel: EVIL, bytes: 1, label: EVIL },
        { kind: 'note', at: 2, text: EVIL },
        { kind: 'role', at: 3, node: EVIL, role: EVIL },
        { kind: 'fault', at: 4, step: { at: 4, do: 'crash', node: EVIL } },
      ],
      { nodes: [EVIL, 'b'] },
    ),
    operations: [done(EVIL, EVIL, 1, 2, { key: EVIL, value: EVIL, result: { [EVIL]: EVIL } })],
    failure: { check: EVIL, message: EVIL },
    repro: EVIL,
    scenario: {
      v: 1,
      suite: EVIL,
      seed: EVIL,
      nodes: [],
      durationMs: 1,
      settings: {},
      operations: [],
      faults: [],
    },
  }
  const html = renderHtml(picture)

  test('no value ends an element or begins one', () => {
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html.match(/<\/script/g)).toHaveLength(2)
    expect(html).not.toContain('<img')
    expect(html).not.toContain('<!--')
  })

  test('and the values are all there', () => {
    const scene = sceneFromJson(dataOf(html))
    expect(scene.title).toBe(EVIL)
    expect(scene.nodes[0]).toBe(EVIL)
    expect(scene.arrows[0]).toMatchObject({ label: EVIL, channel: EVIL })
    expect(scene.roles[0]?.role).toBe(EVIL)
  })

  test('characters that no one sees are spelt out, so nothing can be hidden or turned round', () => {
    const hidden = 'a\u202Eb\u0000c\u2028'
    const scene = sceneFromJson(dataOf(renderHtml({ title: hidden, timeline: timelineOf([]) })))
    expect(scene.title).toBe(String.raw`a\u{202e}b\u{0}c\u{2028}`)
  })

  test('values without a JSON form are named', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    const values: unknown[] = [cycle, 5n, new Map([['k', 1]]), new Uint8Array(3), () => 1]
    const operations = values.map((value, place) => done(1, 'write', place, place, { value }))
    const { intervals } = sceneFromJson(
      dataOf(renderHtml({ title: '', timeline: timelineOf([]), operations })),
    )
    expect(intervals.map(({ request }) => request)).toEqual([
      'write x [object Array]',
      'write x "5n"',
      'write x {"k":1}',
      'write x 3 bytes',
      'write x () => 1',
    ])
  })
})

describe('size', () => {
  function manyEvents(label: (frame: number) => string): TimelineEvent[] {
    return Array.from({ length: 5000 }, (_, frame): TimelineEvent[] => [
      { ...(send(frame * 1.234567, frame) as TimelineEvent & { kind: 'send' }), label: label(frame) },
      { kind: 'deliver', at: frame * 1.234567 + 0.987654, frame },
    ]).flat()
  }

  const operations: Operation[] = Array.from({ length: 4000 }, (_, place) =>
    done(place % 10, 'write', place * 1.5, place * 1.5 + 1.234, { value: { id: place, text: 'some value' } }),
  )

  test('10,000 events and 4,000 operations stay below a megabyte', () => {
    const timeline = timelineOf(
      manyEvents((frame) => `append ${frame} term 3`),
      { endMs: 7000 },
    )
    expect(Buffer.byteLength(renderHtml({ title: 't', timeline, operations }))).toBeLessThan(2 ** 20)
  })

  test('so they do when every frame has a long story of its own, which is cut', () => {
    const timeline = timelineOf(
      manyEvents((frame) => `${frame} <‰> `.repeat(40)),
      { endMs: 7000 },
    )
    const html = renderHtml({ title: 't', timeline, operations })
    expect(Buffer.byteLength(html)).toBeLessThan(2 ** 20)
    expect(sceneFromJson(dataOf(html)).arrows).toHaveLength(5000)
  })
})
