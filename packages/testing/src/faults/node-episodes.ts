import type { NodeId, Random } from '@colony/host'
import type { Episode, EpisodeFrame } from './episode.ts'
import { drawSpans, logarithmic, pick, roundTime, sample } from './episode.ts'
import type { FaultStep } from './fault-step.ts'

function downFor(from: number, to: number, nodes: readonly NodeId[], power: boolean): Episode {
  const begin = nodes.map((node): FaultStep => ({ at: from, do: 'crash', node, power }))
  return { from, to, down: nodes, begin, end: nodes.map((node) => ({ at: to, do: 'restart', node })) }
}

/** One process dies and comes back, with or without a power failure. */
export function makeCrashes(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 3000], [20, 2000]).map(([from, to]) =>
    downFor(from, to, [pick(random, frame.nodes)], random.float() < 0.7),
  )
}

/** Several nodes lose power at one instant. */
export function makeBlackouts(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [1000, 8000], [50, 1000]).map(([from, to]) => {
    const count = random.integer(Math.min(2, frame.maxDown), frame.maxDown)
    return downFor(from, to, sample(random, frame.nodes, count), true)
  })
}

/** One process stops and goes on. */
export function makePauses(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 3000], [10, 2000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    return {
      from,
      to,
      down: [node],
      begin: [{ at: from, do: 'pause', node }],
      end: [{ at: to, do: 'resume', node }],
    }
  })
}

/** One node's clocks run too fast or too slow, and the monotonic one may jump. */
export function makeDrift(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [500, 5000], [500, 5000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    const rate = Math.round(logarithmic(random, 0.5, 2) * 100) / 100
    const jumpMs = random.float() < 0.5 ? 0 : roundTime(logarithmic(random, 1, 2000))
    const begin: FaultStep = { at: from, do: 'clock', node, rate, ...(jumpMs > 0 && { jumpMs }) }
    return { from, to, down: [], begin: [begin], end: [{ at: to, do: 'clock', node, rate: 1 }] }
  })
}

/** One node's timers come late. */
export function makeSluggish(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 4000], [200, 4000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    const slackMs = roundTime(logarithmic(random, 1, 200))
    return {
      from,
      to,
      down: [],
      begin: [{ at: from, do: 'timers', node, slackMs }],
      end: [{ at: to, do: 'timers', node, slackMs: 0 }],
    }
  })
}

/** One node's event loop is slow. */
export function makeSlowLoops(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 4000], [200, 4000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    const busyMs = roundTime(logarithmic(random, 0.2, 20))
    return {
      from,
      to,
      down: [],
      begin: [{ at: from, do: 'loop', node, busyMs }],
      end: [{ at: to, do: 'loop', node, busyMs: 0 }],
    }
  })
}

/** One node's time of day is wrong, by milliseconds or by days, in either direction. */
export function makeSkew(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 5000], [300, 5000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    const size = Math.round(logarithmic(random, 10, 1e9))
    const skewMs = random.float() < 0.5 ? size : -size
    return {
      from,
      to,
      down: [],
      begin: [{ at: from, do: 'clock', node, skewMs }],
      end: [{ at: to, do: 'clock', node, skewMs: 0 }],
    }
  })
}
