import type { Scene } from '../scene.ts'
import { type View, within } from './view.ts'

/** So many arrows and operations can be told apart in one picture. */
const READABLE = 160
/** Part of the opening view that lies after the failure. */
const AFTER = 0.12

/** Where the eye begins: everything when that is little or nothing failed, else what led to the failure. */
export function openingView(scene: Scene): View {
  const whole = { from: scene.startMs, to: scene.endMs }
  const { at, check } = scene.verdict
  const times = [...scene.arrows.map(({ sentAt }) => sentAt), ...scene.intervals.map(({ from }) => from)]
  if (times.length <= READABLE || check === '') return roomy(whole)
  const before = times.filter((time) => time <= at).sort((left, right) => right - left)
  let from = before[READABLE - 1] ?? scene.startMs
  // The impossible operation is there from its call on.
  for (const { part, from: called } of scene.intervals) {
    if (part === 'impossible') from = Math.min(from, called)
  }
  const span = Math.max(at - from, (whole.to - whole.from) / 10_000)
  return within({ from: at - span * 1.02, to: at + span * AFTER }, roomy(whole))
}

/** The whole time with a little air, so that what happens at its very ends can be seen. */
export function roomy({ from, to }: View): View {
  const air = (to - from) * 0.02
  return { from: from - air, to: to + air }
}
