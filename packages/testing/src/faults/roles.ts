import type { NodeId } from '@colony/host'
import { TestingError } from '../errors.ts'
import type { FaultStep, PlainFault } from './fault-step.ts'

/** What begins the name of a role where a node is expected. */
export const ROLE_MARK = '@'

/** Finds the node of a name that may be a role's: `undefined` when nobody has it. */
export type Lookup = (name: string) => NodeId | undefined

/** Whether a name is a role's and not a node's. */
export function isRole(name: string): boolean {
  return name.startsWith(ROLE_MARK)
}

/** Every node that a step names, roles included, so that a typing error is found before the run and not in the middle of it. */
export function namesOf(step: FaultStep): readonly NodeId[] {
  switch (step.do) {
    case 'crash':
    case 'wipe':
    case 'restart':
    case 'pause':
    case 'resume':
    case 'clock':
    case 'timers':
    case 'loop':
    case 'disk':
      return [step.node]
    case 'partition':
      return step.groups.flat()
    case 'cut':
      return step.links.flat()
    case 'heal':
    case 'network':
      return [step.from, step.to].filter((id) => id !== undefined)
    case 'disarm':
      return []
    case 'arm':
      return [...(step.node === undefined ? [] : [step.node]), ...namesOf({ ...step.then, at: step.at })]
    default:
      throw unknownFault(step)
  }
}

/** The step with nodes in place of roles; `undefined` when it names a role that nobody has. */
export function withNodes<Step extends PlainFault>(step: Step, lookup: Lookup): Step | undefined {
  if (!namesOf(step).some(isRole)) return step
  const found = new Map<string, NodeId>()
  for (const name of namesOf(step)) {
    const id = isRole(name) ? lookup(name) : name
    if (id === undefined) return undefined
    found.set(name, id)
  }
  return replaceNames(step, (name) => found.get(name) ?? name) as Step
}

function replaceNames(step: PlainFault, named: (name: string) => NodeId): PlainFault {
  switch (step.do) {
    case 'disarm':
      return step
    case 'partition':
      return { ...step, groups: regroup(step.groups, named) }
    case 'cut':
      return { ...step, links: step.links.map(([from, to]) => [named(from), named(to)] as const) }
    case 'heal':
    case 'network':
      return {
        ...step,
        ...(step.from !== undefined && { from: named(step.from) }),
        ...(step.to !== undefined && { to: named(step.to) }),
      }
    default:
      return { ...step, node: named(step.node) }
  }
}

/** Roles come first: a node that has one is only where the (first) role is. */
function regroup(
  groups: readonly (readonly NodeId[])[],
  named: (name: string) => NodeId,
): readonly (readonly NodeId[])[] {
  const placed = new Set<NodeId>()
  const keep = (id: NodeId): boolean => {
    if (placed.has(id)) return false
    placed.add(id)
    return true
  }
  const byRole = groups.map((group) => group.filter(isRole).map(named).filter(keep))
  return groups.map((group, place) => [
    ...(byRole[place] ?? []),
    ...group.filter((name) => !isRole(name)).filter(keep),
  ])
}

/** Says that there is no such kind of step. */
export function unknownFault(step: never): TestingError {
  return new TestingError('TESTING_INVALID_OPTION', `there is no fault '${String((step as FaultStep).do)}'`)
}
