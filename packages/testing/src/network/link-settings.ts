import { requireRange } from '../errors.ts'

/**
 * How one directed link behaves. Every field may be changed while the simulation runs, for all links or for some.
 * @category Network
 */
export interface LinkSettings {
  /** Shortest one-way delay in milliseconds, 0.001 to 10^6. Default 0.5: a local network. */
  readonly minLatencyMs: number
  /**
   * Mean one-way delay in milliseconds, at least `minLatencyMs`, up to 10^6. What lies above the minimum is exponentially distributed,
   * so frames overtake each other. Default 2.
   */
  readonly meanLatencyMs: number
  /** Probability that a frame is lost, 0 to 1. Default 0. */
  readonly loss: number
  /** Probability that a frame arrives twice, 0 to 1. Default 0. The copy has its own delay. */
  readonly duplicate: number
  /** Probability that a frame is held back, so that later ones overtake it, 0 to 1. Default 0. */
  readonly reorder: number
  /** Longest time that a frame is held back, in milliseconds, uniformly drawn; 0 to 10^6. Default 20. */
  readonly reorderMs: number
  /**
   * Frames that a link holds at most, on the way or waiting for a paused receiver; beyond it `send` returns `false`. 1 to 10^6. Default 1,024.
   */
  readonly maxInFlight: number
}

/** A healthy local network. */
export const DEFAULT_LINK: LinkSettings = {
  minLatencyMs: 0.5,
  meanLatencyMs: 2,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 20,
  maxInFlight: 1024,
}

/**
 * A change to links: the fields that are named take the value, and with `null` go back to what the world was made with.
 * @category Network
 */
export type LinkChange = { readonly [Field in keyof LinkSettings]?: LinkSettings[Field] | null }

/**
 * Which links: those from a node, those to a node, or (both) the one between. Neither: all.
 * @category Network
 */
export interface LinkSelection {
  /** The sender. */
  readonly from?: string
  /** The receiver. */
  readonly to?: string
}

const RANGES: Readonly<Record<keyof LinkSettings, readonly [number, number]>> = {
  minLatencyMs: [0.001, 1e6],
  meanLatencyMs: [0.001, 1e6],
  loss: [0, 1],
  duplicate: [0, 1],
  reorder: [0, 1],
  reorderMs: [0, 1e6],
  maxInFlight: [1, 1e6],
}

const FIELDS = Object.keys(RANGES) as (keyof LinkSettings)[]

/** Refuses values out of range and fields that do not exist. */
export function validateLinkChange(change: LinkChange): LinkChange {
  for (const field of FIELDS) {
    const value = change[field]
    if (value !== undefined && value !== null) requireRange(`network.${field}`, value, ...RANGES[field])
  }
  return change
}

/** Lays changes over settings, later ones on top; `null` uncovers `base`. The mean is kept at or above the minimum. */
export function layered(base: LinkSettings, changes: readonly LinkChange[]): LinkSettings {
  const result: Record<keyof LinkSettings, number> = { ...base }
  for (const change of changes) {
    for (const field of FIELDS) {
      const value = change[field]
      if (value !== undefined) result[field] = value ?? base[field]
    }
  }
  result.meanLatencyMs = Math.max(result.meanLatencyMs, result.minLatencyMs)
  return result
}
