/** Colours of the picture, by what they are for. The style sheet decides them, for light and for dark. */
export interface Palette {
  readonly background: string
  readonly text: string
  readonly faint: string
  readonly grid: string
  readonly line: string
  readonly message: string
  readonly copy: string
  readonly lost: string
  readonly down: string
  readonly paused: string
  readonly partition: string
  readonly cut: string
  readonly disturbance: string
  readonly fault: string
  readonly note: string
  readonly ok: string
  readonly okText: string
  readonly fail: string
  readonly unknown: string
  readonly impossible: string
  readonly impossibleText: string
  readonly select: string
  readonly roles: readonly string[]
}

/** The colours as they are now. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    background: colour('background'),
    text: colour('text'),
    faint: colour('faint'),
    grid: colour('grid'),
    line: colour('line'),
    message: colour('message'),
    copy: colour('copy'),
    lost: colour('lost'),
    down: colour('down'),
    paused: colour('paused'),
    partition: colour('partition'),
    cut: colour('cut'),
    disturbance: colour('disturbance'),
    fault: colour('fault'),
    note: colour('note'),
    ok: colour('ok'),
    okText: colour('ok-text'),
    fail: colour('fail'),
    unknown: colour('unknown'),
    impossible: colour('impossible'),
    impossibleText: colour('impossible-text'),
    select: colour('select'),
    roles: [colour('role-1'), colour('role-2'), colour('role-3')],
  }
}
