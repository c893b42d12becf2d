/* oxlint-disable unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function */
import type { Random } from '@colony/host'
import type { Episode, EpisodeFrame } from './episode.ts'
import { drawSpans, logarithmic, pick, roundTime } from './episode.ts'
import type { PlainFault } from './fault-step.ts'

/** Whoever has a role just then is hit: what a leader leaves behind in the middle of its work is where consensus goes wrong. */
export function makeHunts(random: Random, frame: EpisodeFrame): Episode[] {
  if (frame.roles.length === 0) return []
  return drawSpans(random, frame, [500, 4000], [20, 1500]).map(([from, to]) => {
    const node = `@${pick(random, frame.roles)}`
    const step = drawHit(random, frame, { at: from, forMs: roundTime(to - from), node })
    const stops = step.do === 'crash' || step.do === 'pause'
    return { from, to, down: stops ? [node] : [], begin: [step], end: [] }
  })
}

interface Hit {
  readonly at: number
  readonly forMs: number
  readonly node: string
}

function drawHit(random: Random, { nodes, maxDown }: EpisodeFrame, hit: Hit): PlainFault {
  const { node, ...time } = hit
  const ways = [
    'alone',
    'deaf',
    'mute',
    'loop',
    ...(maxDown > 0 ? (['crash', 'crash', 'pause', 'pause'] as const) : []),
  ]
  switch (pick(random, ways)) {
    case 'crash':
      return { ...hit, do: 'crash', power: random.float() < 0.5 }
    case 'pause':
      return { ...hit, do: 'pause' }
    case 'deaf':
      return { ...time, do: 'cut', links: nodes.map((other) => [other, node]) }
    case 'mute':
      return { ...time, do: 'cut', links: nodes.map((other) => [node, other]) }
    case 'loop':
      return { ...hit, do: 'loop', busyMs: roundTime(logarithmic(random, 1, 50)) }
    default:
      return { ...time, do: 'partition', groups: [[node], nodes] }
  }
}

/** Whoever is at a named point of the code dies there, or stops: the moments when a promise may be half made. */
export function makeAmbushes(random: Random, frame: EpisodeFrame): Episode[] {
  if (frame.points.length === 0 || frame.maxDown === 0) return []
  return drawSpans(random, frame, [100, 3000], [50, 3000]).map(([from, to]) => {
    const downMs = roundTime(logarithmic(random, 1, 1000))
    const [node, forMs] = ['@here', downMs]
    const power = random.float() < 0.7
    const dies = random.float() < 0.8
    const delayMs = random.float() < 0.5 ? 0 : roundTime(logarithmic(random, 0.1, 20))
    const begin = {
      at: from,
      forMs: roundTime(to - from),
      do: 'arm',
      point: pick(random, frame.points),
      skip: Math.floor(logarithmic(random, 1, 50)) - 1,
      delayMs,
      then: dies ? ({ do: 'crash', node, power, forMs } as const) : ({ do: 'pause', node, forMs } as const),
    } as const
    return { from, to: to + delayMs + downMs, down: [node], begin: [begin], end: [] }
  })
}
