import type { Arrow, ArrowOutcome } from '../arrows.ts'
import type { Interval } from '../intervals.ts'
import type { Scene } from '../scene.ts'
import type { Item } from './items.ts'
import { instant } from './ticks.ts'

/** What is said about something: a heading, and lines of name and value. */
export interface Description {
  readonly heading: string
  readonly lines: readonly (readonly [name: string, value: string])[]
}

/** What became of frames, in words. */
const BECAME: Readonly<Record<ArrowOutcome, string>> = {
  delivered: 'delivered',
  copy: 'delivered once more: a duplicate',
  lost: 'lost on the way',
  cut: 'lost: the link was cut',
  down: 'lost: the receiver was down',
  unheard: 'lost: nobody listened',
  flying: 'still on the way when the picture ends',
}

/** Says everything that is known about something in the picture. */
export function describe(scene: Scene, { list, place }: Item): Description {
  switch (list) {
    case 'arrows':
      return aboutArrow(scene, scene.arrows[place] as Arrow)
    case 'intervals':
      return aboutInterval(scene, scene.intervals[place] as Interval)
    case 'marks': {
      const mark = scene.marks[place] as Scene['marks'][number]
      return {
        heading: mark.text,
        lines: [[mark.kind === 'fault' ? 'fault at' : 'note at', instant(mark.at)]],
      }
    }
    case 'bands': {
      const band = scene.bands[place] as Scene['bands'][number]
      return {
        heading: band.kind === 'partition' ? `partition ${band.text}` : band.text,
        lines: fromTo(band),
      }
    }
    case 'roles': {
      const span = scene.roles[place] as Scene['roles'][number]
      const term: Description['lines'] = span.term === undefined ? [] : [['term', String(span.term)]]
      return { heading: `${nodeName(scene, span.node)} is ${span.role}`, lines: [...term, ...fromTo(span)] }
    }
    case 'states': {
      const span = scene.states[place] as Scene['states'][number]
      return { heading: `${nodeName(scene, span.node)} is ${span.state}`, lines: fromTo(span) }
    }
  }
}

function aboutArrow(scene: Scene, arrow: Arrow): Description {
  const route = `${nodeName(scene, arrow.from)} → ${nodeName(scene, arrow.to)}`
  const lines: [string, string][] = [
    ['channel', arrow.channel],
    ['size', `${arrow.bytes} bytes`],
    ['sent', instant(arrow.sentAt)],
    ['became', BECAME[arrow.outcome]],
  ]
  if (arrow.outcome !== 'flying') {
    lines.push([arrivedWord(arrow), `${instant(arrow.endAt)}, after ${instant(arrow.endAt - arrow.sentAt)}`])
  }
  return { heading: arrow.label === '' ? route : `${route}  ${arrow.label}`, lines }
}

function arrivedWord({ outcome }: Arrow): string {
  return outcome === 'delivered' || outcome === 'copy' ? 'arrived' : 'lost at'
}

function aboutInterval(scene: Scene, interval: Interval): Description {
  const { from, to, outcome, order, part } = interval
  const lines: [string, string][] = [
    ['client', scene.processes[interval.process] ?? ''],
    ['called', instant(from)],
  ]
  if (to === undefined) lines.push(['returned', 'never: it may take effect at any later time, or never'])
  else lines.push([outcome === 'fail' ? 'failed' : 'returned', `${instant(to)}, after ${instant(to - from)}`])
  if (order > 0) lines.push(['legal order', `number ${order}`])
  if (part === 'impossible') lines.push(['verdict', 'the first impossible operation'])
  else if (part === 'convicting') lines.push(['verdict', 'part of what convicts'])
  return { heading: `${interval.request} ${interval.answer}`, lines }
}

function fromTo({ from, to }: { readonly from: number; readonly to: number }): [string, string][] {
  return [
    ['from', instant(from)],
    ['to', `${instant(to)}, after ${instant(to - from)}`],
  ]
}

function nodeName(scene: Scene, node: number): string {
  return scene.nodes[node] ?? ''
}
