/** The part of the time that is seen, in milliseconds: `from < to`. */
export interface View {
  readonly from: number
  readonly to: number
}

/** Shortest time that can fill the picture, in milliseconds: times are whole microseconds, so nothing is nearer. */
const NEAREST = 0.02

/** Where a time lies, in pixels from the left edge of `width` pixels. */
export function toX({ from, to }: View, width: number, at: number): number {
  return ((at - from) / (to - from)) * width
}

/** The time at so many pixels from the left edge. */
export function toTime({ from, to }: View, width: number, x: number): number {
  return from + (x / width) * (to - from)
}

/** `view` moved and narrowed so that it lies within `whole`. */
export function within(view: View, whole: View): View {
  const span = Math.min(Math.max(view.to - view.from, NEAREST), Math.max(whole.to - whole.from, NEAREST))
  const middle = (view.from + view.to) / 2
  const from = Math.max(whole.from, Math.min(whole.to - span, middle - span / 2))
  return { from, to: from + span }
}

/** Shows `factor` times as much time; what is at `around` stays where it is. */
export function zoomed(view: View, whole: View, factor: number, around: number): View {
  const span = Math.min(
    Math.max((view.to - view.from) * factor, NEAREST),
    Math.max(whole.to - whole.from, NEAREST),
  )
  const from = around - ((around - view.from) / (view.to - view.from)) * span
  return within({ from, to: from + span }, whole)
}

/** Moves by a part of what is seen: 1 is one whole picture later. */
export function panned(view: View, whole: View, part: number): View {
  const by = (view.to - view.from) * part
  return within({ from: view.from + by, to: view.to + by }, whole)
}

/** As much time as now, with `at` in the middle. */
export function centred(view: View, whole: View, at: number): View {
  const half = (view.to - view.from) / 2
  return within({ from: at - half, to: at + half }, whole)
}
