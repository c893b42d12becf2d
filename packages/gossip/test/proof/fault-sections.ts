import { crashOne } from '../scenarios/faulty/one-crash.ts'
import { FaultyCluster, type FaultyRun } from '../scenarios/faulty/rapid.ts'
import { runLossy } from '../scenarios/losses/lossy.ts'
import { count, seconds, table, type ProofSection } from './section.ts'

const LOSSES: readonly (readonly [told: string, loss: number, forMs: number])[] = [
  ['30 %, 10 min', 0.3, 600_000],
  ['10 %, 1 h', 0.1, 3_600_000],
]

/** A network that loses datagrams, on which nobody dies. */
export const LOSS_SECTION: ProofSection = {
  name: 'losses',
  title: 'Lossy networks',
  run: () => [
    'One hundred nodes join through one on a network that loses datagrams from the beginning, and nobody dies. Each death that any node declares is a false one. Goal: at 30 % at least ten times fewer than the 1,701 that were',
    'measured of memberlist; at 10 % none in an hour.',
    '',
    ...table(
      [
        'loss, time',
        'all see all after',
        'false deaths',
        'suspicions',
        'packets a second and node',
        'bytes a second and node',
      ],
      LOSSES.map(([told, loss, forMs]) => {
        const run = runLossy(100, 1, loss, forMs)
        const whole = run.wholeAfterMs === undefined ? 'never' : seconds(run.wholeAfterMs)
        return [
          told,
          whole,
          count(run.falseDeaths),
          count(run.suspicions),
          run.packetsPerSecond.toFixed(1),
          run.bytesPerSecond.toFixed(0),
        ]
      }),
    ),
  ],
}

const CRASH_SIZES = [10, 50, 100]
const CRASH_SEEDS = 20

/** One crash where nothing is lost. */
export const CRASH_SECTION: ProofSection = {
  name: 'crash',
  title: 'One crash on a network that loses nothing',
  run: () => [
    "Goal: no healthy node's score of local health moves. (With memberlist's defaults every healthy prober's does, because its helpers' answers cannot be back in time.)",
    '',
    ...table(
      [
        'nodes',
        'seeds',
        'healthy nodes that doubted themselves',
        'false deaths',
        'first declares it, mean',
        'all have heard, mean',
      ],
      CRASH_SIZES.map((members) => {
        const runs = Array.from({ length: CRASH_SEEDS }, (_, seed) => crashOne(members, seed + 1))
        const sum = (of: (run: (typeof runs)[number]) => number): number =>
          runs.reduce((total, run) => total + of(run), 0)
        return [
          members,
          CRASH_SEEDS,
          sum(({ unwell }) => unwell),
          sum(({ falseDeaths }) => falseDeaths),
          seconds(sum(({ firstMs }) => firstMs) / CRASH_SEEDS),
          seconds(sum(({ allMs }) => allMs) / CRASH_SEEDS),
        ]
      }),
    ),
  ],
}

const MEMBERS = 1000
const FAULTY = 10
const WATCH_MS = 200_000

/** The three experiments of Rapid's paper. */
export const FAULTY_SECTION: ProofSection = {
  name: 'faulty',
  title: 'Some members are faulty',
  run: () => {
    const cluster = new FaultyCluster(MEMBERS, 1)
    const crashes = cluster.crash(FAULTY, WATCH_MS)
    cluster.mend()
    const flipFlop = cluster.flipFlop(FAULTY, WATCH_MS)
    cluster.mend()
    const loss = cluster.lose(FAULTY, 0.8, WATCH_MS)
    const row = (told: string, run: FaultyRun): (string | number)[] => [
      told,
      run.healthyRemoved,
      run.fewestHealthy,
      run.allRemovedMs === undefined ? 'never at one time' : seconds(run.allRemovedMs),
      run.returns.toFixed(1),
      run.sizes,
    ]
    return [
      `The experiments of Rapid (Suresh et al., 2018, section 7) with ${count(MEMBERS)} members of which ${FAULTY} are faulty, watched for ${seconds(WATCH_MS)}: they crash; nothing reaches them for 20 s of every 40; 80 % of what they send and are sent is lost.`,
      'Healthy members must stay. A faulty member that answers is a member, whatever it did before: who comes and goes is seen to come and go, and nobody else is drawn into it.',
      '',
      ...table(
        [
          'fault',
          'healthy ones declared failed',
          'fewest healthy ones that any healthy one saw',
          'all faulty ones gone everywhere after',
          'returns of each faulty one',
          'numbers of members that were seen',
        ],
        [row('ten crash', crashes), row('one-way flip-flop', flipFlop), row('80 % loss', loss)],
      ),
    ]
  },
}
