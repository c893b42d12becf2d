export { ownership, type Ownership } from '../core/ownership.ts'
export { stats, type PlacementStats } from '../core/stats.ts'
export { toSVG, toText, type SVGOptions, type TextOptions } from '../picture.ts'
