import type { DeliverEvent, LoseEvent, SendEvent, Timeline } from '../timeline/timeline.ts'
import { printable, shortened } from './printable.ts'

/** What became of a frame, or of its second copy; `flying`: neither when the picture ends. */
export type ArrowOutcome = 'delivered' | 'copy' | 'lost' | 'cut' | 'down' | 'unheard' | 'flying'

/** One arrow: a frame from its send to what became of it. A duplicated frame is two. */
export interface Arrow {
  /** Lane of the sender, 0 and up. */
  readonly from: number
  /** Lane of the receiver. */
  readonly to: number
  /** Milliseconds. */
  readonly sentAt: number
  /** Milliseconds, at least `sentAt`. */
  readonly endAt: number
  readonly outcome: ArrowOutcome
  readonly channel: string
  /** What the frame says; empty where nobody can tell. */
  readonly label: string
  readonly bytes: number
}

/** A send, and what was heard of it so far. */
interface Flight {
  readonly arrow: Omit<Arrow, 'endAt' | 'outcome'>
  arrived: boolean
  ended: boolean
}

/**
 * Pairs sends with deliveries and losses. Events of frames whose send was forgotten, and frames between nodes without a lane, have no arrow. In order of
 * sending.
 */
export function pairArrows({ nodes, events, endMs }: Timeline): Arrow[] {
  const lanes = new Map(nodes.map((node, lane) => [node, lane]))
  const flights = new Map<number, Flight>()
  const arrows: Arrow[] = []
  for (const event of events) {
    if (event.kind === 'send') {
      const flight = departure(lanes, event)
      if (flight !== undefined) flights.set(event.frame, flight)
    } else if (event.kind === 'deliver' || event.kind === 'lose') {
      const flight = flights.get(event.frame)
      if (flight !== undefined) arrows.push(landed(flight, event))
    }
  }
  for (const { arrow, ended } of flights.values()) {
    if (!ended) arrows.push({ ...arrow, endAt: Math.max(endMs, arrow.sentAt), outcome: 'flying' })
  }
  return arrows.sort((left, right) => left.sentAt - right.sentAt || left.endAt - right.endAt)
}

function departure(lanes: ReadonlyMap<string, number>, event: SendEvent): Flight | undefined {
  const from = lanes.get(event.from)
  const to = lanes.get(event.to)
  if (from === undefined || to === undefined) return undefined
  const label = shortened(printable(event.label ?? ''))
  const channel = shortened(printable(event.channel))
  const arrow = { from, to, sentAt: event.at, channel, label, bytes: event.bytes }
  return { arrow, arrived: false, ended: false }
}

function landed(flight: Flight, event: DeliverEvent | LoseEvent): Arrow {
  flight.ended = true
  const { arrow } = flight
  if (event.kind === 'lose') return { ...arrow, endAt: event.at, outcome: event.reason }
  const outcome = flight.arrived ? 'copy' : 'delivered'
  flight.arrived = true
  return { ...arrow, endAt: event.at, outcome }
}
