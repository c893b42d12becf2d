import type { Scene } from './scene.ts'

/** A sign of the picture and what it means. Arrows of a `kind` can be hidden. */
interface Sign {
  readonly drawing: string
  readonly meaning: string
  readonly kind?: 'arrived' | 'copy' | 'lost'
}

// The look is that of the drawing functions under `page/`, in a box of 24 by 14.
const NODE_SIGNS: readonly Sign[] = [
  {
    drawing: '<path class="message" d="M1 2L23 11"/><path class="message-head" d="M23 11l-8-.2 2.6-5z"/>',
    meaning: 'message',
    kind: 'arrived',
  },
  {
    drawing:
      '<path class="copy" stroke-dasharray="5 2" d="M1 2L23 11"/><path class="copy-head" d="M23 11l-8-.2 2.6-5z"/>',
    meaning: 'delivered again',
    kind: 'copy',
  },
  { drawing: '<path class="lost" d="M1 2L14 8M12 4l7 7m0-7l-7 7"/>', meaning: 'lost', kind: 'lost' },
  { drawing: '<rect class="role" x="1" y="3" width="22" height="8"/>', meaning: 'role, with its term' },
  {
    drawing:
      '<rect class="down" x=".5" y=".5" width="23" height="13"/><path class="down" d="M2 13L12 1M10 13L20 1M18 13l5-6"/>',
    meaning: 'down',
  },
  {
    drawing:
      '<rect class="paused" x=".5" y=".5" width="23" height="13"/><path class="paused" d="M6 1v12M12 1v12M18 1v12"/>',
    meaning: 'paused',
  },
  {
    drawing: '<rect class="partition" x=".5" y=".5" width="23" height="13"/>',
    meaning: 'partition or cut',
  },
  { drawing: '<path class="fault" d="M6 2h12l-6 10z"/>', meaning: 'fault step' },
  { drawing: '<circle class="note" cx="12" cy="7" r="4.5"/>', meaning: 'note' },
]

const OPERATION_SIGNS: readonly Sign[] = [
  { drawing: '<rect class="ok" x="0" y="0" width="24" height="14"/>', meaning: 'ok' },
  { drawing: '<path class="fail" d="M.5.5h23v13H.5zM0 10.5h24"/>', meaning: 'failed' },
  {
    drawing: '<path class="unknown" stroke-dasharray="4 2" d="M24 .5H.5v13H24"/>',
    meaning: 'unknown: later, or never',
  },
]

const VERDICT_SIGNS: readonly Sign[] = [
  {
    drawing: '<rect class="plate" x="4" y="0" width="16" height="14" rx="6"/><text x="12" y="11">1</text>',
    meaning: 'last legal order',
  },
  {
    drawing: '<rect class="impossible" x="0" y="0" width="24" height="14"/>',
    meaning: 'first impossible operation',
  },
]

/** What the signs mean that can occur in a picture. */
export function legendHtml({ nodes, intervals, verdict }: Scene): string {
  const signs = [
    ...(nodes.length > 0 ? NODE_SIGNS : []),
    ...(intervals.length > 0 ? OPERATION_SIGNS : []),
    ...(verdict.why.length > 0 ? VERDICT_SIGNS : []),
  ]
  return `<ul class="legend">${signs.map(entryHtml).join('')}</ul>`
}

function entryHtml({ drawing, meaning, kind }: Sign): string {
  const sign = `<svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">${drawing}</svg> ${meaning}`
  if (kind === undefined) return `<li>${sign}</li>`
  return `<li><label><input type="checkbox" checked data-show="${kind}"> ${sign}</label></li>`
}
