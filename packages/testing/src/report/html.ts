import type { FailurePicture } from './failure-picture.ts'
import { htmlText } from './html-text.ts'
import { legendHtml } from './legend.ts'
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from './page-script.ts'
import { PAGE_STYLE } from './page-style.ts'
import { layoutScene, type Scene } from './scene.ts'
import { sceneToJson } from './scene-json.ts'

/** Longest lists of the page, in lines; the picture has the rest. */
const MOST_LINES = 500
/** Lines of a message that are always seen; the rest can be unfolded. */
const MESSAGE_LINES = 3
/** How much of the last legal order is written out: its end, where the trouble is. */
const LEGAL_LINES = 40

/** Nothing may be loaded, and nothing may run but the page's own script, whatever a value holds. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${PAGE_SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`

/**
 * Draws a failed run as one HTML file that needs nothing else: no network, no server, no other file. It shows a lane for each node with its messages,
 * roles, crashes and pauses; what the network and the disks did; what each client asked and got, with the last legal order and the first
 * impossible operation marked; and the command that repeats the run. It can be zoomed, moved, and walked through with the keyboard.
 *
 * Readable up to some 10,000 events, about 0.5 MB; record as many with the `timeline` option of the world. Values and names are shown as text,
 * whatever they contain; those of over 200 characters are cut, and shorter ones too when the file would get larger than about 1 MB.
 * @category Pictures
 */
export function renderHtml(picture: FailurePicture): string {
  const scene = layoutScene(picture)
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${htmlText(pageTitle(scene))}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    headerHtml(scene),
    '<main>',
    toolbarHtml(scene),
    stageHtml(scene),
    legendHtml(scene),
    `<div class="lists">${whyHtml(scene)}${faultsHtml(scene)}${helpHtml()}</div>`,
    '</main>',
    `<script type="application/json" id="scene">${sceneToJson(scene)}</script>`,
    `<script>${PAGE_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function pageTitle({ title, verdict }: Scene): string {
  return verdict.check === '' ? title : `${title}: ${verdict.check}`
}

function headerHtml({ title, subtitle, verdict, repro, forgotten }: Scene): string {
  const parts = [`<h1>${htmlText(title)}</h1>`]
  if (subtitle !== '' && subtitle !== title) parts.push(`<p class="subtitle">${htmlText(subtitle)}</p>`)
  if (verdict.check !== '') parts.push(verdictHtml(verdict))
  if (repro !== '') {
    parts.push(
      `<p class="repro"><code id="repro">${htmlText(repro)}</code> <button id="copy" type="button">Copy</button></p>`,
    )
  }
  if (forgotten > 0) {
    parts.push(`<p class="subtitle">${forgotten} earlier events were not kept.</p>`)
  }
  return `<header>${parts.join('')}</header>`
}

function verdictHtml({ check, message }: Scene['verdict']): string {
  const first = message.slice(0, MESSAGE_LINES).map(htmlText).join('\n')
  const rest = message.slice(MESSAGE_LINES).map(htmlText).join('\n')
  const more =
    rest === '' ? '' : `<details><summary>More of the message</summary><pre>${rest}</pre></details>`
  return `<div class="verdict"><strong>✗ ${htmlText(check)}</strong> <span>${first}</span>${more}</div>`
}

function toolbarHtml({ verdict }: Scene): string {
  const button = (command: string, label: string, title: string): string =>
    `<button type="button" data-command="${command}" title="${title}">${label}</button>`
  return [
    '<div class="toolbar" role="toolbar" aria-label="Time">',
    verdict.check === '' ? '' : button('failure', 'Failure', 'What led to the failure (F)'),
    button('all', 'Whole run', 'All the time that is known (0)'),
    button('in', 'Zoom in', 'Less time, larger (+)'),
    button('out', 'Zoom out', 'More time, smaller (-)'),
    button('earlier', '← Earlier', 'Move (left arrow)'),
    button('later', 'Later →', 'Move (right arrow)'),
    '<output id="range"></output>',
    '</div>',
  ].join('')
}

function stageHtml({ nodes, processes }: Scene): string {
  const label = `Space-time picture of ${nodes.length} nodes and ${processes.length} clients. N and P walk through what happened.`
  return [
    '<canvas id="map" aria-hidden="true"></canvas>',
    '<div class="stage">',
    `<canvas id="picture" tabindex="0" role="application" aria-label="${label}" aria-describedby="keys"></canvas>`,
    '<div id="details" role="status" hidden></div>',
    '</div>',
    '<noscript><p>The picture is drawn by a script; the text form of the failure needs none.</p></noscript>',
  ].join('\n')
}

function whyHtml({ verdict, intervals, processes }: Scene): string {
  if (verdict.why.length === 0) return ''
  const legal = intervals
    .filter(({ order }) => order > 0)
    .sort((left, right) => left.order - right.order)
    .slice(-LEGAL_LINES)
  const lines = legal.map(({ process, request, answer, from, order }) => {
    const words = `${processes[process] ?? ''}: ${request} ${answer}`
    return `<li value="${order}"><button type="button" data-at="${from}">${htmlText(words)}</button></li>`
  })
  const impossible = intervals.find(({ part }) => part === 'impossible')
  if (impossible !== undefined) {
    const words = `${processes[impossible.process] ?? ''}: ${impossible.request} ${impossible.answer}`
    lines.push(
      `<li class="impossible"><button type="button" data-at="${impossible.from}">✗ ${htmlText(words)}</button></li>`,
    )
  }
  return [
    '<section><h2>Why it is impossible</h2>',
    ...verdict.why.map((sentence) => `<p>${htmlText(sentence)}</p>`),
    `<h3>The last legal order${legal[0] !== undefined && legal[0].order > 1 ? ', its end' : ''}</h3>`,
    `<ol>${lines.join('')}</ol></section>`,
  ].join('')
}

function faultsHtml({ marks, nodes }: Scene): string {
  if (nodes.length === 0) return ''
  const lines = marks
    .slice(0, MOST_LINES)
    .map(
      ({ at, text }) =>
        `<li><button type="button" data-at="${at}"><span class="time">${at.toFixed(1)} ms</span><span>${htmlText(text)}</span></button></li>`,
    )
  const more = marks.length > MOST_LINES ? `<p>${marks.length - MOST_LINES} more are in the picture.</p>` : ''
  const list = lines.length === 0 ? '<p>None.</p>' : `<ol class="plain">${lines.join('')}</ol>`
  return `<section><h2>Fault steps and notes</h2>${list}${more}</section>`
}

function helpHtml(): string {
  return [
    '<section id="keys"><h2>Looking around</h2>',
    '<p>Wheel: zoom. Shift and wheel, or drag: move in time. Point at anything: what it is. Drag in the overview: look there. Over the names the wheel scrolls the page.</p>',
    '<p>With the picture focused: <kbd>+</kbd> <kbd>-</kbd> zoom, <kbd>←</kbd> <kbd>→</kbd> move, <kbd>0</kbd> the whole run, ',
    '<kbd>F</kbd> the failure, <kbd>N</kbd> <kbd>P</kbd> the next and the previous thing that happened, <kbd>Esc</kbd> let go.</p></section>',
  ].join('')
}
