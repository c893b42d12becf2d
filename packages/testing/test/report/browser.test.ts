import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FaultStep } from '../../src/index.ts'
import { type FailurePicture, renderHtml } from '../../src/report/index.ts'
import { barTop, layoutGeometry } from '../../src/report/page/geometry.ts'
import { toX } from '../../src/report/page/view.ts'
import { layoutScene } from '../../src/report/scene.ts'
import { chromiumRequired, findChromium, NO_CHROMIUM, openBrowser } from '../chromium.ts'
import { registerRun } from './register-run.ts'

/** `COLONY_SCREENSHOTS=folder` keeps the screenshots for people. */
const KEEP = process.env['COLONY_SCREENSHOTS']

const SMALL_FAULTS: readonly FaultStep[] = [
  { at: 100, do: 'network', change: { loss: 0.2 } },
  { at: 250, do: 'partition', groups: [['a'], ['b', 'c']] },
  { at: 400, do: 'network', change: { loss: null } },
  { at: 820, do: 'heal' },
  { at: 880, do: 'pause', node: 'b' },
  { at: 920, do: 'crash', node: 'c' },
  { at: 960, do: 'resume', node: 'b' },
  { at: 1020, do: 'restart', node: 'c' },
]

function openPages(): { readonly page: (picture: FailurePicture, options?: PageOptions) => Promise<Page> } {
  let browser: Browser | undefined
  const folder = KEEP ?? mkdtempSync(join(tmpdir(), 'colony-picture-'))
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    if (KEEP === undefined) rmSync(folder, { recursive: true })
  })
  const page = async (
    picture: FailurePicture,
    { scheme = 'light', width = 1280, name = 'page' }: PageOptions = {},
  ): Promise<Page> => {
    const opened = await browser!.newPage({ colorScheme: scheme, viewport: { width, height: 900 } })
    const complaints: string[] = []
    opened.on('console', (message) => complaints.push(message.text()))
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('request', (request) => complaints.push(request.url()))
    const path = join(folder, `${name}.html`)
    writeFileSync(path, renderHtml(picture))
    const url = pathToFileURL(path).href
    await opened.goto(url)
    await drawn(opened)
    await opened.screenshot({ path: join(folder, `${name}-${scheme}-${width}.png`), fullPage: true })
    expect(complaints).toEqual([url])
    return opened
  }
  return { page }
}

interface PageOptions {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly name?: string
}

/** Waits for the next drawing; what it held: lanes, arrows and bars in the picture, and which time. */
async function drawn(page: Page): Promise<Record<'lanes' | 'arrows' | 'intervals' | 'from' | 'to', number>> {
  await page.locator('#picture[data-lanes]').waitFor()
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  const data = await page.evaluate('({ ...document.getElementById("picture").dataset })')
  const numbers = Object.entries(data as Record<string, string>).map(([key, text]) => [key, Number(text)])
  return Object.fromEntries(numbers) as Awaited<ReturnType<typeof drawn>>
}

/** How many different colours the picture has, the one of its names' column, and that of the page around it. */
async function colours(page: Page): Promise<Record<'count' | 'gutter', number> & { readonly page: string }> {
  return (await page.evaluate(`(() => {
    const canvas = document.getElementById('picture')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const seen = new Set(new Uint32Array(data.buffer))
    return { count: seen.size, gutter: data[0], page: getComputedStyle(document.body).backgroundColor }
  })()`)) as Awaited<ReturnType<typeof colours>>
}

const available = findChromium() !== undefined
const suite = available || chromiumRequired ? describe : describe.skip

suite(available || chromiumRequired ? 'in a real browser' : `in a real browser (${NO_CHROMIUM})`, () => {
  const { page: open } = openPages()
  let small: FailurePicture
  beforeAll(async () => {
    small = await registerRun({
      nodes: ['a', 'b', 'c'],
      clients: 3,
      durationMs: 1200,
      heartbeatMs: 40,
      events: 10_000,
      faults: SMALL_FAULTS,
    })
  })

  test.each(['light', 'dark'] as const)(
    'a page draws itself, alone and without complaint: %s',
    async (scheme) => {
      const page = await open(small, { scheme, name: 'small' })
      await page.keyboard.press('Tab')
      await page.locator('#picture').focus()
      await page.keyboard.press('0')
      const scene = layoutScene(small)
      expect(await drawn(page)).toMatchObject({
        lanes: 3,
        arrows: scene.arrows.length,
        intervals: scene.intervals.length,
      })
      const { count, gutter, page: around } = await colours(page)
      expect(count).toBeGreaterThan(20)
      expect(gutter).toBe(scheme === 'light' ? 255 : 20)
      expect(around).toBe(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 28)')
      expect(await page.locator('.verdict').innerText()).toContain('linearizability')
      expect(await page.locator('h2').allInnerTexts()).toContain('Why it is impossible')
      await page.close()
    },
  )

  test('a page follows when the scheme changes', async () => {
    const page = await open(small)
    expect(await colours(page)).toMatchObject({ gutter: 255 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await drawn(page)
    expect(await colours(page)).toMatchObject({ gutter: 20 })
    await page.close()
  })

  test('keys, buttons, the wheel and dragging move through time', async () => {
    const page = await open(small)
    const picture = page.locator('#picture')
    await picture.focus()
    await page.keyboard.press('0')
    const all = await drawn(page)
    await page.keyboard.press('+')
    const near = await drawn(page)
    expect(near.to - near.from).toBeCloseTo((all.to - all.from) / 1.5)
    expect(near.arrows).toBeLessThan(all.arrows)
    await page.keyboard.press('ArrowRight')
    expect((await drawn(page)).from).toBeGreaterThan(near.from)
    await page.getByRole('button', { name: 'Zoom out' }).click()
    await page.getByRole('button', { name: 'Whole run' }).click()
    expect(await drawn(page)).toEqual(all)

    const box = (await picture.boundingBox())!
    await page.mouse.move(box.x + 600, box.y + 200)
    await page.mouse.wheel(0, -300)
    const wheeled = await drawn(page)
    expect(wheeled.to - wheeled.from).toBeLessThan(all.to - all.from)
    await page.mouse.down()
    await page.mouse.move(box.x + 500, box.y + 200, { steps: 4 })
    await page.mouse.up()
    expect((await drawn(page)).from).toBeGreaterThan(wheeled.from)
    await page.close()
  })

  test('pointing says what is there', async () => {
    const page = await open(small)
    await page.getByRole('button', { name: 'Failure', exact: true }).click()
    const { from, to } = await drawn(page)
    const scene = layoutScene(small)
    const { gutter, processes } = layoutGeometry(scene)
    const impossible = scene.intervals.find(({ part }) => part === 'impossible')!
    const box = (await page.locator('#picture').boundingBox())!
    const middle = (impossible.from + impossible.to!) / 2
    const x = gutter + toX({ from, to }, box.width - 2 - gutter - 12, middle)
    await page.mouse.move(
      box.x + 1 + x,
      box.y + 1 + barTop(processes[impossible.process]!, impossible.row) + 9,
    )
    const details = page.locator('#details')
    await details.waitFor({ state: 'visible' })
    expect(await details.innerText()).toContain('the first impossible operation')
    expect(await details.innerText()).toContain(impossible.request)
    await page.mouse.move(box.x + 5, box.y + 5)
    await details.waitFor({ state: 'hidden' })
    await page.close()
  })

  test('without a mouse: N walks along what happened, and says it', async () => {
    const page = await open(small)
    await page.locator('#picture').focus()
    await page.keyboard.press('0')
    await page.keyboard.press('n')
    const first = await page.locator('#details').innerText()
    await page.keyboard.press('n')
    expect(await page.locator('#details').innerText()).not.toBe(first)
    await page.keyboard.press('p')
    expect(await page.locator('#details').innerText()).toBe(first)
    await page.keyboard.press('Escape')
    await page.locator('#details').waitFor({ state: 'hidden' })
    await page.close()
  })

  test('a fault step in the list leads to its time, and arrows can be hidden', async () => {
    const page = await open(small)
    await page.locator('#picture').focus()
    await page.keyboard.press('0')
    const all = await drawn(page)
    await page.getByLabel('lost').uncheck()
    expect((await drawn(page)).arrows).toBeLessThan(all.arrows)
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await page.getByRole('button', { name: 'crash c' }).click()
    const { from, to } = await drawn(page)
    expect((from + to) / 2).toBeGreaterThan(820)
    await page.close()
  })

  test('the command that repeats the run can be copied, or is selected where a page may not', async () => {
    const page = await open(small)
    await page.locator('#copy').click()
    const answer = page.getByRole('button', { name: /Copied|Selected/ })
    await answer.waitFor()
    if ((await answer.innerText()) === 'Selected') {
      expect(await page.evaluate('String(getSelection())')).toBe(small.repro)
    }
    await page.close()
  })

  test('values that try to break out are text, and run nothing', async () => {
    const evil = `</script><script>window.broken = 1</script><img src=x onerror="window.broken = 1">"'`
    const operations = small.operations!.map((operation) => ({ ...operation, f: evil }))
    const picture = {
      ...small,
      operations,
      title: evil,
      repro: evil,
      failure: { check: evil, message: evil },
    }
    const page = await open(picture, { name: 'evil' })
    expect(await page.locator('h1').innerText()).toBe(evil)
    await page.locator('#picture').focus()
    await page.keyboard.press('n')
    expect(await page.locator('#details').innerText()).toContain(evil)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.evaluate('window.broken')).toBeUndefined()
    await page.close()
  })

  test('10,000 events: what led to the failure first, then everything, each drawn within a few frames', async () => {
    const nodes = ['node-1', 'node-2', 'node-3', 'node-4', 'node-5']
    const large = await registerRun({
      nodes,
      clients: 10,
      durationMs: 24_000,
      heartbeatMs: 50,
      events: 10_000,
      faults: manyFaults(nodes),
    })
    expect(large.timeline.events.length).toBeGreaterThan(9000)
    const page = await open(large, { name: 'large', width: 1920 })
    const opening = await drawn(page)
    expect(opening.arrows + opening.intervals).toBeLessThan(400)
    expect(opening.to - opening.from).toBeLessThan(2000)
    await page.locator('#picture').focus()
    await page.keyboard.press('0')
    expect((await drawn(page)).arrows).toBeGreaterThan(4000)
    if (KEEP !== undefined) await page.screenshot({ path: join(KEEP, 'large-all.png'), fullPage: true })
    const ms = (await page.evaluate(`(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done))
      await frame()
      const begin = performance.now()
      for (let count = 0; count < 10; count += 1) {
        document.querySelector('[data-command="' + (count % 2 ? 'earlier' : 'later') + '"]').click()
        await frame()
        await frame()
      }
      return (performance.now() - begin) / 10
    })()`)) as number
    // Two frames are 33 ms; a busy machine that draws without a graphics card gets much longer.
    expect(ms).toBeLessThan(1000)
    await page.close()
  })
})

/** Partitions, crashes, pauses and losses, late in the run. */
function manyFaults(nodes: readonly string[]): FaultStep[] {
  const node = (place: number): string => nodes[place % nodes.length] as string
  return Array.from({ length: 4 }, (_, round): FaultStep[] => {
    const at = 15_000 + round * 1500
    const alone = node(round)
    return [
      { at, do: 'partition', groups: [[alone], nodes.filter((other) => other !== alone)] },
      { at: at + 100, do: 'network', change: { loss: 0.1 } },
      { at: at + 200, do: 'pause', node: node(round + 3) },
      { at: at + 300, do: 'crash', node: node(round + 2) },
      { at: at + 600, do: 'heal' },
      { at: at + 700, do: 'resume', node: node(round + 3) },
      { at: at + 900, do: 'restart', node: node(round + 2) },
      { at: at + 1200, do: 'network', change: { loss: null } },
    ]
  }).flat()
}
