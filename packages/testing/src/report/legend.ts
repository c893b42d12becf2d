/** Signs of the picture, each with what it means. The look is that of the drawing functions under `page/`. */
const SIGNS: readonly (readonly [drawing: string, meaning: string, kind?: 'arrived' | 'copy' | 'lost'])[] = [
  [
    '<path class="message" d="M1 2L23 11"/><path class="message-head" d="M23 11l-8-.2 2.6-5z"/>',
    'message',
    'arrived',
  ],
  [
    '<path class="copy" stroke-dasharray="5 2" d="M1 2L23 11"/><path class="copy-head" d="M23 11l-8-.2 2.6-5z"/>',
    'delivered again',
    'copy',
  ],
  ['<path class="lost" d="M1 2L14 8M12 4l7 7m0-7l-7 7"/>', 'lost', 'lost'],
  ['<rect class="role" x="1" y="3" width="22" height="8"/>', 'leader, holder or another role, with its term'],
  [
    '<rect class="down" x=".5" y=".5" width="23" height="13"/><path class="down" d="M2 13L12 1M10 13L20 1M18 13l5-6"/>',
    'down',
  ],
  [
    '<rect class="paused" x=".5" y=".5" width="23" height="13"/><path class="paused" d="M6 1v12M12 1v12M18 1v12"/>',
    'paused',
  ],
  ['<rect class="partition" x=".5" y=".5" width="23" height="13"/>', 'partition or cut'],
  ['<path class="fault" d="M6 2h12l-6 10z"/>', 'fault step'],
  ['<rect class="ok" x="0" y="0" width="24" height="14"/>', 'ok'],
  ['<path class="fail" d="M.5.5h23v13H.5zM0 10.500h24"/>', 'failed'],
  ['<path class="unknown" stroke-dasharray="4 2" d="M24 .5H.5v13H24"/>', 'unknown: later, or never'],
  [
    '<rect class="plate" x="4" y="0" width="16" height="14" rx="6"/><text x="12" y="11">1</text>',
    'last legal order',
  ],
  ['<rect class="impossible" x="0" y="0" width="24" height="14"/>', 'first impossible operation'],
]

/** What the signs mean. Messages can be hidden here, kind by kind. */
export function legendHtml(hasOperations: boolean, hasWitness: boolean): string {
  const last = hasOperations ? (hasWitness ? SIGNS.length : SIGNS.length - 2) : SIGNS.length - 5
  const entries = SIGNS.slice(0, last).map(([drawing, meaning, kind]) => {
    const sign = `<svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">${drawing}</svg> ${meaning}`
    if (kind === undefined) return `<li>${sign}</li>`
    return `<li><label><input type="checkbox" checked data-show="${kind}"> ${sign}</label></li>`
  })
  return `<ul class="legend">${entries.join('')}</ul>`
}
