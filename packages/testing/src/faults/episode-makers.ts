import type { GeneratedFault } from './atlas.ts'
import { makeCorruption, makeFailingDisks, makeFullDisks, makeSlowDisks, makeWipes } from './disk-episodes.ts'
import type { EpisodeMaker } from './episode.ts'
import {
  makeDuplicates,
  makeJitter,
  makeLatency,
  makeLoss,
  makeNarrowLinks,
  makePartitions,
  makeReorder,
  makeReplays,
  makeRings,
} from './network-episodes.ts'
import {
  makeBlackouts,
  makeCrashes,
  makeDrift,
  makePauses,
  makeSkew,
  makeSlowLoops,
  makeSluggish,
} from './node-episodes.ts'
import { makeAmbushes, makeHunts } from './role-episodes.ts'

/** How each kind is drawn. */
export const EPISODE_MAKERS: Readonly<Record<GeneratedFault, EpisodeMaker>> = {
  crash: makeCrashes,
  blackout: makeBlackouts,
  pause: makePauses,
  partition: makePartitions,
  ring: makeRings,
  loss: makeLoss,
  latency: makeLatency,
  jitter: makeJitter,
  bandwidth: makeNarrowLinks,
  duplicate: makeDuplicates,
  replay: makeReplays,
  reorder: makeReorder,
  clock: makeDrift,
  skew: makeSkew,
  timers: makeSluggish,
  loop: makeSlowLoops,
  'slow-disk': makeSlowDisks,
  hunt: makeHunts,
  ambush: makeAmbushes,
  wipe: makeWipes,
  'disk-failure': makeFailingDisks,
  'disk-full': makeFullDisks,
  corruption: makeCorruption,
}
