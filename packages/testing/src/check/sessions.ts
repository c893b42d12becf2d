import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'
import type { CheckResult } from './check-result.ts'
import type { Model } from './model.ts'
import type { ObjectOperations } from './objects.ts'
import { countObjects, splitObjects } from './objects.ts'
import type { RegisterHistory } from './register-history.ts'
import { markHappened, markKnown, NOBODY, readRegisterHistory } from './register-history.ts'
import { endOf, sessionClaims } from './session-claims.ts'
import type { SessionViolation } from './session-violation.ts'
import { VersionOrder } from './version-order.ts'

/**
 * Checks the session guarantees of registers and maps: what each process may rely on about its own operations on one object, whatever the others see. A `cas` that took
 * place is a read of the old value, then a write of the new one.
 *
 * They hold when the versions of each object can be put into one order, the initial value first, that agrees with every process: what it reads or writes
 * is never older than what it read or wrote before. Claims are weighed in the order in which their later operations ended; one that contradicts the claims before it is a
 * violation, and is left out then, so that each is reported once. Where two processes contradict each other, the one that ended later is named: which of them the system
 * served wrongly, no history can tell. Objects are judged apart: that who sees a reply has also seen what it replies to, under another key, is not checked.
 *
 * It must be known who read whose value: every value of an object that was read was written once. Objects where that is not so, or that know other
 * operations than reading, writing and `cas`, are in `undecided`, and if nothing else is illegal, the verdict is `unknown`. Real time says nothing. An operation of unknown outcome comes
 * after what its process did before, but nothing need come after it.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a model of something else than registers or maps, and `TESTING_INVALID_HISTORY` for a history that cannot be
 * one of the model.
 * @category Checkers
 */
export function checkSessions<State>(model: Model<State>, operations: readonly Operation[]): CheckResult {
  if (model.registerAccess === undefined) {
    throw new TestingError(
      'TESTING_INVALID_OPTION',
      'session guarantees can be checked for registers and maps alone: the model has no `registerAccess`',
    )
  }
  const objects = splitObjects(model, operations)
  const undecided: string[] = []
  const violations: SessionViolation[] = []
  for (const object of objects) {
    const register = readRegisterHistory(model, object.key, object.operations)
    if (register === undefined) undecided.push(object.key)
    else violations.push(...findViolations(object, register))
  }
  const about = { ...countObjects(objects), steps: 0 }
  if (violations.length > 0) return { verdict: 'illegal', ...about, undecided, violations }
  return { verdict: undecided.length > 0 ? 'unknown' : 'ok', ...about, undecided }
}

function findViolations(
  { key, operations }: ObjectOperations,
  register: RegisterHistory,
): SessionViolation[] {
  const violations: SessionViolation[] = []
  const named = (index: number): Operation => operations[index] as Operation
  const happened = markHappened(register, markKnown(register))
  register.sources.forEach((source, operation) => {
    if (source !== NOBODY || happened[operation] === 0) return
    violations.push({ guarantee: 'written values', key, operation: named(operation) })
  })
  // Numbered as they were invoked, which is nearly their order.
  const order = new VersionOrder(operations.length + 1)
  for (let version = 1; version <= operations.length; version += 1) order.add(0, version)
  const claims = sessionClaims(register)
  claims.sort((left, right) => endOf(named(left.operation)) - endOf(named(right.operation)))
  for (const { guarantee, older, newer, operation, against } of claims) {
    if (order.add(older, newer)) continue
    violations.push({ guarantee, key, operation: named(operation), against: named(against) })
  }
  return violations
}
