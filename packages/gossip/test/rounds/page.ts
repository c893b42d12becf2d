import { CURVES, nameOf, type Curve, type RoundsMeasured } from './measure.ts'
import { expectedRounds, pittel } from './theory.ts'

/** What one curve came to at one size. */
export interface RoundsCell {
  readonly members: number
  readonly curve: Curve
  readonly measured: RoundsMeasured
}

const HEAD = `# How many rounds until everybody knows

One member learns something. In every round each member speaks with so many others, uniformly drawn: by *push* those who know tell it, by *pull* those who don't ask for it, by *push-pull* both. How many rounds
pass until all know? The dissemination alone, with nothing around it, up to a million members (\`packages/gossip/test/rounds\`; \`pnpm gossip:rounds\` writes this page, and every test run
checks the bounds below).

Push with one peer a round takes log2 N + ln N + O(1) (Pittel, 1987): about log2 N until half know it, and then ln N, because whoever is missing is missed again with probability 1/e. Those who ask end that second half
in about log2 ln N rounds (Karp et al., 2000), and asking and telling together triple the number of those who know in each round of the first. Hence the promise: **by push-pull with a single peer, 1,000
members need no more than 10 rounds on average and 1,000,000 no more than 17**; by push alone they need 18 and 35.
`

/** The page: a table of means, one of worst cases, and one against theory. */
export function roundsPage(cells: readonly RoundsCell[], real: readonly string[]): string {
  const sizes = [...new Set(cells.map(({ members }) => members))]
  const cellOf = (members: number, curve: Curve): RoundsMeasured | undefined =>
    cells.find((cell) => cell.members === members && cell.curve === curve)?.measured
  const table = (tell: (measured: RoundsMeasured, members: number, curve: Curve) => string): string[] => [
    `| members | log2 N + ln N | ${CURVES.map(nameOf).join(' | ')} |`,
    `| --: | --: | ${CURVES.map(() => '--:').join(' | ')} |`,
    ...sizes.map((members) => {
      const told = CURVES.map((curve) => {
        const measured = cellOf(members, curve)
        return measured === undefined ? '' : tell(measured, members, curve)
      })
      return `| ${grouped(members)} | ${pittel(members).toFixed(1)} | ${told.join(' | ')} |`
    }),
    '',
  ]
  const seeds = sizes.map(
    (members) => `${grouped(cellOf(members, CURVES[0] as Curve)?.seeds ?? 0)} at ${grouped(members)}`,
  )
  return [
    HEAD,
    '## Mean rounds until all know, and in brackets until 99 in 100 do',
    '',
    ...table(({ mean, nearlyAll }) => `${mean.toFixed(1)} (${nearlyAll.toFixed(1)})`),
    `Seeds: ${seeds.join(', ')}.`,
    '',
    '## The most that any seed took',
    '',
    ...table(({ max }) => String(max)),
    '## What theory says, without its constant, and how far the mean is from it',
    '',
    'For fanout f of which a share arrives: the logarithm of N to the base of the growth in a round, plus ln N / f for push, plus the logarithm of ln N to the base f + 1 for pull and push-pull.',
    '',
    ...table(({ mean }, members, { exchange, fanout, loss }) => {
      const expected = expectedRounds(members, exchange, fanout, loss)
      return `${expected.toFixed(1)} ${signed(mean - expected)}`
    }),
    '## Messages for each member until all know',
    '',
    ...table(({ messages }) => messages.toFixed(1)),
    ...real,
  ].join('\n')
}

/** What real cores came to at one size. */
export interface RealCell {
  readonly members: number
  readonly updates: number
  readonly nearlyAll: number
  readonly mean: number
  readonly max: number
}

/** The part about real cores. */
export function realTable(cells: readonly RealCell[]): readonly string[] {
  return [
    '## The real core',
    '',
    'One member of a settled cluster says something new of itself. How many intervals of the gossip tick (200 ms, fanout 3) pass until all others have heard it, with real packets, and with everything else that cores say to each other. Ticks are not in step, and the first one after a silence goes out at once, so it may take less than in',
    'synchronous rounds; probes and answers carry news too.',
    '',
    '| members | updates | intervals until all know, mean | until 99 in 100 do | most | push with fanout 3, theory |',
    '| --: | --: | --: | --: | --: | --: |',
    ...cells.map(({ members, updates, nearlyAll, mean, max }) => {
      const expected = expectedRounds(members, 'push', 3).toFixed(1)
      return `| ${grouped(members)} | ${updates} | ${mean.toFixed(1)} | ${nearlyAll.toFixed(1)} | ${max.toFixed(1)} | ${expected} |`
    }),
    '',
  ]
}

/** With commas. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'} ${Math.abs(value).toFixed(1)}`
}
