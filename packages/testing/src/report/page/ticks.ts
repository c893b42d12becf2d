import type { View } from './view.ts'

/** A time with a line and a label. */
export interface Tick {
  /** Milliseconds. */
  readonly at: number
  readonly label: string
}

/** Least distance between labels, in pixels. */
const TICKS_APART = 90

/** Round times for an axis of so many pixels: steps of 1, 2 or 5 times a power of ten. */
export function ticksOf(view: View, width: number): Tick[] {
  const step = roundStep(((view.to - view.from) * TICKS_APART) / Math.max(width, 1))
  const first = Math.ceil(view.from / step)
  const last = Math.floor(view.to / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => {
    const at = (first + place) * step
    return { at, label: timeLabel(at, step) }
  })
}

/** The smallest of 1, 2 or 5 times a power of ten that is at least `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10
  return factor * power
}

/** A time in seconds where steps are that long, else in milliseconds; with as many digits as tell one step from the next. */
export function timeLabel(at: number, step: number): string {
  const inSeconds = step >= 100
  const unit = inSeconds ? 1000 : 1
  const digits = Math.min(3, Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)))
  const label = (at / unit).toFixed(digits)
  return `${label === '-0' ? '0' : label} ${inSeconds ? 's' : 'ms'}`
}

/** An instant in full: `1,203.25 ms`. */
export function instant(at: number): string {
  const [whole = '', part] = String(Math.round(at * 1000) / 1000).split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${part === undefined ? '' : `.${part}`} ms`
}
