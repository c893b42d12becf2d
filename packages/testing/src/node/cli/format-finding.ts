import type { CheckResult } from '../../check/check-result.ts'
import type { SessionViolation } from '../../check/session-violation.ts'
import type { Witness } from '../../check/witness.ts'
import type { HistoryReader } from '../../history/history-reader.ts'
import type { Operation } from '../../history/operation.ts'

/** Lines of a history or an order that are shown: its end is what matters. */
const MOST_SHOWN = 20
const MOST_VIOLATIONS = 50
const LONGEST_VALUE = 200

/** Says what a check found, for people; nothing for what is in order. */
export function formatFinding(result: CheckResult, reader: HistoryReader): string[] {
  if (result.verdict === 'ok') return []
  const lines = new Map<unknown, number>()
  reader.operations.forEach((operation, index) => {
    const line = reader.lines[index] ?? 0
    lines.set(operation, line).set(placeOf(operation), line)
  })
  const say = (operation: Operation): string =>
    describe(operation, lines.get(operation) ?? lines.get(placeOf(operation)))
  const found: string[] = []
  if (result.witness !== undefined) found.push(...formatWitness(result.witness, say))
  if (result.violations !== undefined) found.push(...formatViolations(result.violations, say))
  if (result.undecided.length > 0) found.push(formatUndecided(result))
  return found
}

function formatWitness({ key, operation, prefix, shortest, lastLegal }: Witness, say: Say): string[] {
  const shown = lastLegal.slice(-MOST_SHOWN)
  const rest = lastLegal.length - shown.length
  return [
    `illegal${of(key)}: nothing up to then explains`,
    `  ${say(operation)}`,
    shortest
      ? `${prefix.length} operations up to then convict; without this return they do not.`
      : `${prefix.length} operations up to then convict; the budget did not allow to look for fewer.`,
    ...(shown.length === 0 ? [] : ['Right before it, they can have taken effect in this order:']),
    ...(rest > 0 ? [`  … ${rest} more, and then`] : []),
    ...shown.map((each) => `  ${say(each)}`),
  ]
}

function formatViolations(violations: readonly SessionViolation[], say: Say): string[] {
  const shown = violations
    .slice(0, MOST_VIOLATIONS)
    .flatMap(({ guarantee, key, operation, against }) => [
      `illegal${of(key)}: '${guarantee}' is broken by`,
      `  ${say(operation)}`,
      ...(against === undefined ? [] : [`against\n  ${say(against)}`]),
    ])
  const rest = violations.length - MOST_VIOLATIONS
  return rest > 0 ? [...shown, `… and ${rest} more`] : shown
}

function formatUndecided({ verdict, undecided, objects }: CheckResult): string {
  const keys = undecided.slice(0, MOST_SHOWN).map((key) => JSON.stringify(key))
  const more = undecided.length > keys.length ? ', …' : ''
  const what = `${undecided.length} of ${objects} objects could not be decided: ${keys.join(', ')}${more}`
  return verdict === 'unknown' ? `unknown: ${what}` : what
}

type Say = (operation: Operation) => string

function of(key: string): string {
  return key === '' ? '' : ` for key ${JSON.stringify(key)}`
}

/** Those of a prefix that were still under way are copies. */
function placeOf({ process, invokedAt, f }: Operation): string {
  return JSON.stringify([process, invokedAt, f])
}

function describe(operation: Operation, line: number | undefined): string {
  const { process, f, key, value, result, outcome, invokedAt, completedAt } = operation
  const given = value === undefined ? '' : ` ${brief(value)}`
  const came = outcome === 'ok' ? ` → ${result === undefined ? 'ok' : brief(result)}` : ' → unknown'
  const time = outcome === 'ok' ? `${invokedAt} to ${completedAt}` : `from ${invokedAt}`
  return `line ${line ?? '?'}: process ${JSON.stringify(process)} ${f}${of(key ?? '')}${given}${came} (${time})`
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
