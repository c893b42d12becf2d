import {
  CONFIGURATIONS,
  type Anomalies,
  type FalsePositives,
  runIntervalExperiment,
  sum,
} from '../scenarios/lifeguard/interval-experiment.ts'
import { PHASES, runExperiment } from '../scenarios/scuttlebutt/experiment.ts'
import { ORDERINGS } from '../scenarios/scuttlebutt/orderings.ts'
import { count, table, type ProofSection } from './section.ts'

/** What is taken of the paper's grid: few and many slow members, anomalies shorter and longer than the shortest suspicion, hardly any time and some time between them. */
export const ANOMALIES: readonly Anomalies[] = [
  { concurrent: 4, blockedMs: 16_384, openMs: 256 },
  { concurrent: 16, blockedMs: 16_384, openMs: 256 },
  { concurrent: 32, blockedMs: 16_384, openMs: 256 },
  { concurrent: 16, blockedMs: 32_768, openMs: 4 },
  { concurrent: 16, blockedMs: 2048, openMs: 4 },
  { concurrent: 16, blockedMs: 8192, openMs: 4096 },
]

const PAPER: Readonly<Record<string, string>> = {
  SWIM: '100 %, 100 %, 100 %',
  'LHA-Probe': '67.7 %, 32.9 %, 98.5 %',
  'LHA-Suspicion': '3.0 %, 6.7 %, 111.3 %',
  'Buddy System': '94.1 %, 44.6 %, 100.1 %',
  Lifeguard: '1.5 %, 1.9 %, 110.6 %',
}

/** False positives of SWIM and of Lifeguard. */
export const LIFEGUARD_SECTION: ProofSection = {
  name: 'lifeguard',
  title: "Lifeguard's table",
  run: () => {
    const sums = new Map<string, FalsePositives>()
    for (const [name, lifeguard] of Object.entries(CONFIGURATIONS)) {
      const runs = ANOMALIES.map((anomalies) =>
        runIntervalExperiment({ members: 128, lifeguard, anomalies, seed: 1 }),
      )
      sums.set(name, sum(runs))
    }
    const swim = sums.get('SWIM')
    const part = (value: number, whole: number | undefined): string =>
      `${((100 * value) / (whole ?? Number.NaN)).toFixed(1)} %`
    return [
      'The experiment of Lifeguard (Dadgar, Phillips, Currey, 2018, section V): of 128 members some are slow, again and again for two minutes. No message of theirs is read or sent meanwhile, while their timers go on. Nobody dies. A false positive is a',
      'healthy member that some member declares failed; the second column counts those at healthy members alone. α = 5, β = 6; sums over six points of the grid (4 to 32 slow members, blocked for 2 to 33 s, open for 4 to 4,096 ms in between). Goal: Lifeguard has at most',
      '2 % of the false positives of SWIM at no more than 111 % of its messages. One thing differs from the paper: there, the one thread that probes is blocked with the first message that it sends; here the timers of a slow member go on, so it suspects',
      'one member a second for as long as it is blocked, and slow members confirm each other, which patience alone cannot stand as well.',
      '',
      ...table(
        [
          '',
          'false positives',
          'at healthy ones',
          'messages',
          'of SWIM: all',
          'at healthy ones',
          'messages',
          'in the paper',
        ],
        [...sums].map(([name, { all, atHealthy, messages }]) => [
          name,
          count(all),
          count(atHealthy),
          count(messages),
          part(all, swim?.all),
          part(atHealthy, swim?.atHealthy),
          part(messages, swim?.messages),
          PAPER[name] ?? '',
        ]),
      ),
    ]
  },
}

const SHOWN = [25, 50, 75, 85, 95, 105, 120, 130]

/** The four orderings. */
export const SCUTTLEBUTT_SECTION: ProofSection = {
  name: 'scuttlebutt',
  title: "Scuttlebutt's four orderings",
  run: () => [
    `The experiment of van Renesse et al. (2008, section 4): 128 participants with 64 keys each write one key a second and compare once a second with another; at most 100 changes a message from second ${PHASES.limited} on; twice as many writes from second`,
    `${PHASES.doubled} to ${PHASES.single}, more than the messages carry; none after second ${PHASES.quiet}. For each participant in the mean, the mappings that are older than their owner's; in brackets for how many seconds the oldest of all has been. Depth (most missing first, oldest version first) is what`,
    'this library does; the precise orderings need to know every version of every key of the other side, and clocks that agree.',
    '',
    ...table(
      ['ordering', ...SHOWN.map((second) => `${second} s`)],
      Object.entries(ORDERINGS).map(([name, ordering]) => {
        const run = runExperiment({ ordering, seed: 1 })
        return [
          name,
          ...SHOWN.map((second) => {
            const { stale = 0, oldest = 0 } = run[second - 1] ?? {}
            return `${stale.toFixed(0)} (${oldest.toFixed(0)})`
          }),
        ]
      }),
    ),
  ],
}
