import { joinThroughOne, restartAll } from '../scenarios/joins/joining.ts'
import { healAfter } from '../scenarios/partitions/healing.ts'
import { count, seconds, table, type ProofSection } from './section.ts'

const JOINS: readonly (readonly [members: number, seeds: number])[] = [
  [100, 1000],
  [1000, 2],
]

/** How long it takes until so many that know the same one know each other. */
export const JOIN_SECTION: ProofSection = {
  name: 'joins',
  title: 'Many join through one',
  run: () => [
    'All start at one instant with the same node as their only seed; until every node sees every other one alive. Goal: 100 in less than 5 s with each of 1,000 seeds, 1,000 in less than 10 s. (memberlist 0.2.2, 100 nodes, in the',
    'same kind of experiment: five of ten trials took 3.0 to 4.2 s, the other five 93 to 105 s.)',
    '',
    ...table(
      ['nodes', 'seeds', 'median', 'longest'],
      JOINS.map(([members, seeds]) => {
        const times = Array.from({ length: seeds }, (_, seed) => joinThroughOne(members, seed + 1, 60_000))
        times.sort((a, b) => a - b)
        const median = times[Math.floor(times.length / 2)] ?? 0
        return [count(members), count(seeds), `${median} ms`, `${times.at(-1) ?? 0} ms`]
      }),
    ),
  ],
}

/** All processes start anew at about the same time. */
export const RESTART_SECTION: ProofSection = {
  name: 'restart',
  title: 'Mass restart',
  run: () => [
    'All processes of a cluster end and start anew within one second, at the same addresses, each in its next epoch. After how long everybody sees everybody in its new life, and how many that live are still missed by anybody then.',
    '',
    ...table(
      ['nodes', 'whole after the last start', 'missed'],
      [60, 500].map((members) => {
        const { wholeAfterMs, missed } = restartAll(members, 1, 120_000)
        return [count(members), `${wholeAfterMs} ms`, missed]
      }),
    ),
  ],
}

const PARTITIONS: readonly (readonly [told: string, ms: number])[] = [
  ['20 s', 20_000],
  ['90 s', 90_000],
  ['10 min', 600_000],
  ['1 h', 3_600_000],
  ['1 day', 86_400_000],
]

/** Two halves lose each other. */
export const PARTITION_SECTION: ProofSection = {
  name: 'partitions',
  title: 'Partitions heal',
  run: () => [
    'Ten nodes in two halves that cannot speak with each other; after how long all see all again. Goal: 60 s. (memberlist: never, within the 135 s that were watched, after 20 s and after 90 s.)',
    '',
    ...table(
      ['partition', 'whole again after'],
      PARTITIONS.map(([told, ms]) => [told, seconds(healAfter(10, 1, ms, 60_000))]),
    ),
  ],
}
