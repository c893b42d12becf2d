import type { NodeId } from '@colony/host'
import type { FaultStep } from '../faults/fault-step.ts'
import { namesOf } from '../faults/roles.ts'
import type { ClientOperation, Scenario } from '../scenario/scenario.ts'
import { leaveOut } from './ddmin.ts'
import { episodesOf } from './episodes.ts'
import type { Shrinker } from './shrinker.ts'

/** Ends the run right after the failure, or after the last step if it fails later than that. */
export async function truncate(shrinker: Shrinker): Promise<void> {
  const { best, failure } = shrinker
  const lastStep = Math.max(0, ...best.faults.map(({ at }) => at), ...best.operations.map(({ at }) => at))
  for (const endMs of [failure.atMs, lastStep]) {
    const durationMs = Math.floor(endMs) + 1
    if (durationMs >= shrinker.best.durationMs) continue
    if (await shrinker.accept(endingAt(shrinker.best, durationMs))) return
  }
}

function endingAt(scenario: Scenario, durationMs: number): Scenario {
  const within = ({ at }: { readonly at: number }): boolean => at < durationMs
  return {
    ...scenario,
    durationMs,
    operations: scenario.operations.filter(within),
    faults: scenario.faults.filter(within),
  }
}

/** Leaves out faults: whole episodes first, then single steps. */
export async function dropFaults(shrinker: Shrinker): Promise<void> {
  const tryFaults = (faults: readonly FaultStep[]): Promise<boolean> => {
    const inOrder = faults.toSorted((left, right) => left.at - right.at)
    return shrinker.accept({ ...shrinker.best, faults: inOrder })
  }
  await leaveOut(episodesOf(shrinker.best.faults), (episodes) => tryFaults(episodes.flat()))
  await leaveOut(shrinker.best.faults, tryFaults)
}

/** Leaves out operations. */
export async function dropOperations(shrinker: Shrinker): Promise<void> {
  await leaveOut(shrinker.best.operations, (operations) => shrinker.accept({ ...shrinker.best, operations }))
}

/** Leaves out nodes, with what is done to them; what was asked of one is not asked, or else of another. */
export async function dropNodes(shrinker: Shrinker): Promise<void> {
  for (const node of shrinker.best.nodes.toReversed()) {
    const { best } = shrinker
    if (best.nodes.length === 1) return
    const nodes = best.nodes.filter((other) => other !== node)
    const smaller = { ...best, nodes, faults: best.faults.flatMap((step) => stepWithout(step, node)) }
    const others = best.operations.filter((operation) => operation.node !== node)
    if (await shrinker.accept({ ...smaller, operations: others })) continue
    if (others.length === best.operations.length) continue
    await shrinker.accept({ ...smaller, operations: askedInstead(best.operations, node, nodes[0] ?? '') })
  }
}

function askedInstead(
  operations: readonly ClientOperation[],
  node: NodeId,
  other: NodeId,
): ClientOperation[] {
  return operations.map((operation) => (operation.node === node ? { ...operation, node: other } : operation))
}

/** What is left of a fault without a node. */
function stepWithout(step: FaultStep, node: NodeId): FaultStep[] {
  if (step.do === 'partition') {
    return [{ ...step, groups: step.groups.map((group) => group.filter((each) => each !== node)) }]
  }
  if (step.do === 'cut') {
    const links = step.links.filter((ends) => !ends.includes(node))
    return links.length === 0 ? [] : [{ ...step, links }]
  }
  return namesOf(step).includes(node) ? [] : [step]
}

/**
 * Gives each operation to a client of its own, to begin when it did begin: from now on leaving out one that took long does not make the next one of its client
 * begin earlier.
 */
export async function separateClients(shrinker: Shrinker): Promise<void> {
  const { best, failure } = shrinker
  const operations = failure.begun.map((operation, place) => ({ ...operation, process: place + 1 }))
  await shrinker.accept({ ...best, operations })
}

/** Beyond it, merging clients is not worth a run for each. */
const MERGEABLE_CLIENTS = 12

/** Gives the operations of all clients to as few as possible, numbered from 1. */
export async function mergeClients(shrinker: Shrinker): Promise<void> {
  const [first, ...others] = clientsOf(shrinker.best)
  if (first === undefined || others.length > MERGEABLE_CLIENTS) return
  for (const client of others) {
    await renumber(shrinker, (process) => (process === client ? first : process))
  }
  const left = clientsOf(shrinker.best)
  await renumber(shrinker, (process) => left.indexOf(process) + 1)
}

function clientsOf({ operations }: Scenario): readonly number[] {
  return [...new Set(operations.map(({ process }) => process))].toSorted((left, right) => left - right)
}

async function renumber(shrinker: Shrinker, numberOf: (process: number) => number): Promise<void> {
  const { best } = shrinker
  const operations = best.operations.map((operation) => ({
    ...operation,
    process: numberOf(operation.process),
  }))
  if (operations.some(({ process }, place) => process !== best.operations[place]?.process)) {
    await shrinker.accept({ ...best, operations })
  }
}
