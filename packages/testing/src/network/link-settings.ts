import { requireRange, TestingError } from '../errors.ts'

/**
 * How one-way delays are spread above the shortest one. All have the mean that is asked for, but `constant`, which is the mean itself.
 * `exponential`: short ones often, ten times the mean now and then. `uniform`: evenly up to twice as far as the mean. `heavy-tailed`: most are short, and one in
 * ten thousand takes a hundred times the mean, as on a shared or congested network.
 * @category Network
 */
export type LatencyDistribution = 'exponential' | 'uniform' | 'constant' | 'heavy-tailed'

/**
 * How one directed link behaves. Every field may be changed while the simulation runs, for all links or for some.
 * @category Network
 */
export interface LinkSettings {
  /** Shortest one-way delay in milliseconds, 0.001 to 10^6. Default 0.5: a local network. */
  readonly minLatencyMs: number
  /** Mean one-way delay in milliseconds, at least `minLatencyMs`, up to 10^6. Default 2. */
  readonly meanLatencyMs: number
  /** How delays are spread around the mean; all but `constant` let frames overtake each other. Default `exponential`. */
  readonly distribution: LatencyDistribution
  /** Probability that a frame is lost, 0 to 1. Default 0. */
  readonly loss: number
  /** Probability that a frame arrives twice, 0 to 1. Default 0. The copy has its own delay. */
  readonly duplicate: number
  /** Probability that a frame is held back, so that later ones overtake it, 0 to 1. Default 0. */
  readonly reorder: number
  /** Longest time that a frame is held back, in milliseconds, uniformly drawn; 0 to 10^6. Default 20. */
  readonly reorderMs: number
  /**
   * Probability, for each frame sent, that an old one of the link comes again as well: one of the last 32 that were sent while this was above 0, whatever
   * became of it, also one that was meant for an earlier incarnation of the receiver. 0 to 1. Default 0.
   */
  readonly replay: number
  /** Bytes that a link carries in a second, one frame after the other; 0 to 10^12, where 0 stands for no limit. Default 0. */
  readonly bytesPerSecond: number
  /**
   * Bytes that a link holds at most, queued, on the way, or waiting for a paused receiver; beyond it `send` returns `false`. A frame alone on its link is always
   * taken. 1 to 2^40. Default 67,108,864.
   */
  readonly queueBytes: number
  /**
   * Frames that a link holds at most, on the way or waiting for a paused receiver; beyond it `send` returns `false`. 1 to 10^6. Default 1,024.
   */
  readonly maxInFlight: number
}

/** A healthy local network. */
export const DEFAULT_LINK: LinkSettings = {
  minLatencyMs: 0.5,
  meanLatencyMs: 2,
  distribution: 'exponential',
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 20,
  replay: 0,
  bytesPerSecond: 0,
  queueBytes: 67_108_864,
  maxInFlight: 1024,
}

/**
 * A change to links: the fields that are named take the value, and with `null` go back to what the world was made with.
 * @category Network
 */
export type LinkChange = { readonly [Field in keyof LinkSettings]?: LinkSettings[Field] | null }

/**
 * Which links: those from a node, those to a node, or (both) the one between. Neither: all. In fault steps, `@name` stands for whoever has that role.
 * @category Network
 */
export interface LinkSelection {
  /** The sender. */
  readonly from?: string
  /** The receiver. */
  readonly to?: string
}

const DISTRIBUTIONS: readonly unknown[] = ['exponential', 'uniform', 'constant', 'heavy-tailed']

const RANGES: Readonly<Record<Exclude<keyof LinkSettings, 'distribution'>, readonly [number, number]>> = {
  minLatencyMs: [0.001, 1e6],
  meanLatencyMs: [0.001, 1e6],
  loss: [0, 1],
  duplicate: [0, 1],
  reorder: [0, 1],
  reorderMs: [0, 1e6],
  replay: [0, 1],
  bytesPerSecond: [0, 1e12],
  queueBytes: [1, 2 ** 40],
  maxInFlight: [1, 1e6],
}

/** The change that takes every change back. */
export const AS_IT_WAS: LinkChange = Object.fromEntries(
  Object.keys(DEFAULT_LINK).map((field) => [field, null]),
)

/** Refuses values out of range. */
export function validateLinkChange(change: LinkChange): LinkChange {
  const { distribution, ...numbers } = change
  for (const [field, value] of Object.entries(numbers)) {
    if (value === undefined || value === null || !Object.hasOwn(RANGES, field)) continue
    requireRange(`network.${field}`, value, ...RANGES[field as keyof typeof RANGES])
  }
  if (distribution !== undefined && distribution !== null && !DISTRIBUTIONS.includes(distribution)) {
    throw new TestingError(
      'TESTING_INVALID_OPTION',
      `network.distribution must be one of ${DISTRIBUTIONS.join(', ')}, not ${String(distribution)}`,
    )
  }
  return change
}

/** Lays changes over settings, later ones on top; `null` uncovers `base`. The mean is kept at or above the minimum. */
export function layered(base: LinkSettings, changes: readonly LinkChange[]): LinkSettings {
  // Written into a copy of `base` and not built up: all settings have one shape then, and links read them for every frame.
  const settings: Record<string, unknown> = { ...base }
  for (const change of changes) {
    for (const [field, value] of Object.entries(change)) {
      if (value !== undefined && Object.hasOwn(base, field))
        settings[field] = value ?? base[field as keyof LinkSettings]
    }
  }
  const { minLatencyMs, meanLatencyMs } = settings as unknown as LinkSettings
  settings['meanLatencyMs'] = Math.max(meanLatencyMs, minLatencyMs)
  return settings as unknown as LinkSettings
}
