import type { NodeId, Random } from '@colony/host'
import type { LinkChange } from '../network/link-settings.ts'
import type { Episode, EpisodeFrame, EpisodeMaker } from './episode.ts'
import { drawSpans, logarithmic, pick, roundTime, sample } from './episode.ts'
import type { FaultStep } from './fault-step.ts'
import { ringOfMajorities } from './ring-of-majorities.ts'

/** Groups, single nodes, single directions, single links, or two sides with a bridge between them. */
export function makePartitions(random: Random, frame: EpisodeFrame): Episode[] {
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

/** Every node sees a majority, and no two see the same. */
export function makeRings(random: Random, frame: EpisodeFrame): Episode[] {
  if (frame.nodes.length < 4) return []
  return drawSpans(random, frame, [1000, 5000], [100, 3000]).map(([from, to]) => {
    const links = ringOfMajorities(sample(random, frame.nodes, frame.nodes.length))
    return {
      from,
      to,
      down: [],
      begin: [{ at: from, do: 'cut', links }],
      end: [{ at: to, do: 'heal' }],
    }
  })
}

/** Frames are lost. */
export const makeLoss: EpisodeMaker = (random, frame) =>
  makeLinkEpisodes(random, frame, (strength) => ({ loss: 0.5 * strength ** 2 }))

/** Frames come twice. */
export const makeDuplicates: EpisodeMaker = (random, frame) =>
  makeLinkEpisodes(random, frame, (strength) => ({ duplicate: 0.5 * strength }))

/** Frames are held back. */
export const makeReorder: EpisodeMaker = (random, frame) =>
  makeLinkEpisodes(random, frame, (strength) => ({
    reorder: 0.3 * strength,
    reorderMs: roundTime(5 + 200 * strength),
  }))

/** Old frames come again, also to later incarnations. */
export const makeReplays: EpisodeMaker = (random, frame) =>
  makeLinkEpisodes(random, frame, (strength) => ({ replay: 0.3 * strength }))

/** Delays are spread in another way. */
export const makeJitter: EpisodeMaker = (random, frame) =>
  makeLinkEpisodes(random, frame, () => ({
    distribution: pick(random, ['uniform', 'constant', 'heavy-tailed', 'heavy-tailed'] as const),
  }))

/** Links are narrow, and their queues so short that they are empty again within a second. */
export const makeNarrowLinks: EpisodeMaker = (random, frame) =>
  makeLinkEpisodes(random, frame, (strength) => {
    const bytesPerSecond = Math.round(logarithmic(random, 20_000, 2_000_000))
    return { bytesPerSecond, queueBytes: Math.max(1024, Math.round(bytesPerSecond * strength)) }
  })

/** Links are slow. */
export function makeLatency(random: Random, frame: EpisodeFrame): Episode[] {
  return makeLinkEpisodes(random, frame, () => {
    const minLatencyMs = roundTime(logarithmic(random, 0.5, 50))
    return { minLatencyMs, meanLatencyMs: roundTime(minLatencyMs * (1 + 3 * random.float())) }
  })
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
