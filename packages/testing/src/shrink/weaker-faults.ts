import type { FaultStep } from '../faults/fault-step.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Shrinker } from './shrinker.ts'

/** Makes the world around the nodes an ordinary one: all at once, or setting by setting. */
export async function simplifyConditions(shrinker: Shrinker): Promise<void> {
  for (const part of ['network', 'disk'] as const) {
    if (shrinker.best[part] === undefined) continue
    const { [part]: _, ...plain } = shrinker.best
    if (await shrinker.accept(plain)) continue
    await simplifySettings(shrinker, part)
  }
}

async function simplifySettings(shrinker: Shrinker, part: 'network' | 'disk'): Promise<void> {
  for (const field of Object.keys(shrinker.best[part] ?? {})) {
    const kept = Object.entries(shrinker.best[part] ?? {}).filter(([name]) => name !== field)
    if (kept.length === 0) return
    await shrinker.accept({ ...shrinker.best, [part]: Object.fromEntries(kept) } satisfies Scenario)
  }
}

/** Makes single faults weaker: each in all the ways that still break the check. */
export async function simplifyFaults(shrinker: Shrinker): Promise<void> {
  for (let place = 0; place < shrinker.best.faults.length; place += 1) {
    const step = shrinker.best.faults[place]
    if (step === undefined) return
    for (const change of weakenings(step)) {
      const { faults } = shrinker.best
      const now = faults[place]
      const weaker = now === undefined ? undefined : change(now)
      if (weaker !== undefined)
        await shrinker.accept({ ...shrinker.best, faults: faults.with(place, weaker) })
    }
  }
}

/** Makes a step weaker in one way; `undefined` when it is so already. */
type Weakening = (step: FaultStep) => FaultStep | undefined

/** Numbers are rounded finely first: what fails then may fail when they are rounded more. */
const DIGITS = [2, 1]

/** The ways in which a step can be made weaker. Each is applied to what the ones before left. */
function weakenings(step: FaultStep): readonly Weakening[] {
  switch (step.do) {
    case 'crash':
      return [(now) => (now.do === 'crash' && now.power !== false ? { ...now, power: false } : undefined)]
    case 'cut':
      return step.links.map(
        (link) => (now) =>
          now.do === 'cut' && now.links.length > 1
            ? { ...now, links: now.links.filter((each) => each !== link) }
            : undefined,
      )
    case 'network':
    case 'disk':
      return Object.keys(step.change).flatMap((field) => [
        withoutField(field),
        ...DIGITS.map((digits) => withRounded(field, digits)),
      ])
    case 'clock':
      return ['jumpMs', 'skewMs', 'rate'].map(without)
    case 'timers':
      return DIGITS.map((digits) => rounded('slackMs', digits))
    case 'loop':
      return DIGITS.map((digits) => rounded('busyMs', digits))
    case 'arm':
      return ['skip', 'delayMs', 'node'].map(without)
    default:
      return []
  }
}

/** Without a setting that has a default. */
function without(field: string): Weakening {
  return (step) => {
    if (!(field in step)) return undefined
    const kept = Object.entries(step).filter(([name]) => name !== field)
    // What is left out is optional in every step that has it.
    return Object.fromEntries(kept) as unknown as FaultStep
  }
}

function rounded(field: 'slackMs' | 'busyMs', digits: number): Weakening {
  return (step) => {
    const value = new Map<string, unknown>(Object.entries(step)).get(field)
    const simple = typeof value === 'number' ? roundedDown(value, digits) : value
    return simple === value ? undefined : ({ ...step, [field]: simple } as FaultStep)
  }
}

function withoutField(field: string): Weakening {
  return (step) => {
    if (!('change' in step) || Object.keys(step.change).length < 2 || !(field in step.change))
      return undefined
    const kept = Object.entries(step.change).filter(([name]) => name !== field)
    return { ...step, change: Object.fromEntries(kept) } as FaultStep
  }
}

function withRounded(field: string, digits: number): Weakening {
  return (step) => {
    if (!('change' in step)) return undefined
    const value = new Map<string, unknown>(Object.entries(step.change)).get(field)
    const simple = typeof value === 'number' ? roundedDown(value, digits) : value
    return simple === value
      ? undefined
      : ({ ...step, change: { ...step.change, [field]: simple } } as FaultStep)
  }
}

/** A number with so many digits that are not zero, not above it. */
function roundedDown(value: number, digits: number): number {
  if (value === 0) return 0
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1)
  // Through text: 3 times 0.1 is not 0.3.
  return Number((Math.trunc(value / unit) * unit).toPrecision(digits))
}
