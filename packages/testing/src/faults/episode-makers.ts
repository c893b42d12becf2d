import type { NodeId, Random } from '@colony/host'
import type { LinkChange } from '../network/link-settings.ts'
import type { Episode, EpisodeFrame, EpisodeMaker } from './episode.ts'
import { drawSpans, logarithmic, pick, roundTime, sample } from './episode.ts'
import type { FaultStep } from './fault-step.ts'

/**
 * The kinds of faults that are generated. `crash`: one process dies and comes back, with or without a power failure. `blackout`: several at one
 * instant. `pause`, `partition`, `loss`, `latency`, `duplicate`, `reorder`, `clock` and `timers` as in {@link FaultStep}; `partition` also draws one-way
 * cuts, single links and bridges.
 * @category Faults
 */
export type GeneratedFault =
  | 'crash'
  | 'blackout'
  | 'pause'
  | 'partition'
  | 'loss'
  | 'latency'
  | 'duplicate'
  | 'reorder'
  | 'clock'
  | 'timers'

/** How each kind is drawn. */
export const EPISODE_MAKERS: Readonly<Record<GeneratedFault, EpisodeMaker>> = {
  crash: makeCrashes,
  blackout: makeBlackouts,
  pause: makePauses,
  partition: makePartitions,
  loss: (random, frame) => makeLinkEpisodes(random, frame, (strength) => ({ loss: 0.5 * strength ** 2 })),
  latency: makeLatency,
  duplicate: (random, frame) =>
    makeLinkEpisodes(random, frame, (strength) => ({ duplicate: 0.5 * strength })),
  reorder: (random, frame) =>
    makeLinkEpisodes(random, frame, (strength) => ({
      reorder: 0.3 * strength,
      reorderMs: roundTime(5 + 200 * strength),
    })),
  clock: makeDrift,
  timers: makeSluggish,
}

function downFor(from: number, to: number, nodes: readonly NodeId[], power: boolean): Episode {
  const begin = nodes.map((node): FaultStep => ({ at: from, do: 'crash', node, power }))
  return { from, to, down: nodes, begin, end: nodes.map((node) => ({ at: to, do: 'restart', node })) }
}

function makeCrashes(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 3000], [20, 2000]).map(([from, to]) =>
    downFor(from, to, [pick(random, frame.nodes)], random.float() < 0.7),
  )
}

function makeBlackouts(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [1000, 8000], [50, 1000]).map(([from, to]) => {
    const count = random.integer(Math.min(2, frame.maxDown), frame.maxDown)
    return downFor(from, to, sample(random, frame.nodes, count), true)
  })
}

function makePauses(random: Random, frame: EpisodeFrame): Episode[] {
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

function makePartitions(random: Random, frame: EpisodeFrame): Episode[] {
  if (frame.nodes.length < 2) return []
  return drawSpans(random, frame, [500, 4000], [100, 3000]).map(([from, to]) => ({
    from,
    to,
    down: [],
    begin: [drawPartition(random, frame.nodes, from)],
    end: [{ at: to, do: 'heal' }],
  }))
}

function drawPartition(random: Random, nodes: readonly NodeId[], at: number): FaultStep {
  const shuffled = sample(random, nodes, nodes.length)
  const shape = pick(random, ['halves', 'single', 'deaf', 'mute', 'link', 'bridge'] as const)
  const [first = '', second = '', ...rest] = shuffled
  const others = shuffled.slice(1)
  switch (shape) {
    case 'halves': {
      const size = random.integer(1, shuffled.length - 1)
      return { at, do: 'partition', groups: [shuffled.slice(0, size), shuffled.slice(size)] }
    }
    case 'single':
      return { at, do: 'partition', groups: [[first], others] }
    case 'deaf':
      return { at, do: 'cut', links: others.map((other) => [other, first]) }
    case 'mute':
      return { at, do: 'cut', links: others.map((other) => [first, other]) }
    case 'link':
      return { at, do: 'cut', links: [[first, second]] }
    case 'bridge': {
      // Two sides that cannot talk, and one node that both can talk to.
      const middle = Math.ceil(rest.length / 2)
      const [left, right] = [[second, ...rest.slice(middle)], rest.slice(0, middle)]
      return {
        at,
        do: 'cut',
        links: left.flatMap((a) => right.flatMap((b) => [[a, b] as const, [b, a] as const])),
      }
    }
  }
}

/** Episodes that change settings of all links, or of one, and take the change back. */
function makeLinkEpisodes(
  random: Random,
  frame: EpisodeFrame,
  changeOf: (strength: number) => LinkChange,
): Episode[] {
  if (frame.nodes.length < 2) return []
  return drawSpans(random, frame, [200, 3000], [200, 4000]).map(([from, to]) => {
    const change = changeOf(0.05 + 0.95 * random.float())
    const undo = Object.fromEntries(Object.keys(change).map((field) => [field, null])) as LinkChange
    const [sender = '', receiver = ''] = sample(random, frame.nodes, 2)
    const links = random.float() < 0.7 ? {} : { from: sender, to: receiver }
    return {
      from,
      to,
      down: [],
      begin: [{ at: from, do: 'network', change, ...links }],
      end: [{ at: to, do: 'network', change: undo, ...links }],
    }
  })
}

function makeLatency(random: Random, frame: EpisodeFrame): Episode[] {
  return makeLinkEpisodes(random, frame, () => {
    const minLatencyMs = roundTime(logarithmic(random, 0.5, 50))
    return { minLatencyMs, meanLatencyMs: roundTime(minLatencyMs * (1 + 3 * random.float())) }
  })
}

function makeDrift(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [500, 5000], [500, 5000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    const rate = Math.round(logarithmic(random, 0.5, 2) * 100) / 100
    const jumpMs = random.float() < 0.5 ? 0 : roundTime(logarithmic(random, 1, 2000))
    const begin: FaultStep = { at: from, do: 'clock', node, rate, ...(jumpMs > 0 && { jumpMs }) }
    return { from, to, down: [], begin: [begin], end: [{ at: to, do: 'clock', node, rate: 1 }] }
  })
}

function makeSluggish(random: Random, frame: EpisodeFrame): Episode[] {
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
