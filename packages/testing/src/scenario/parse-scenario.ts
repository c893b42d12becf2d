import { DEFAULT_LATENCY } from '../disk/disk-options.ts'
import { TestingError } from '../errors.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import { isRole, namesOf } from '../faults/roles.ts'
import { DEFAULT_LINK, validateLinkChange } from '../network/link-settings.ts'
import { messageOf } from './broken-check.ts'
import { faultStep } from './fault-shape.ts'
import { requirePlainData } from './plain-data.ts'
import type { ClientOperation, Scenario } from './scenario.ts'
import type { Shape } from './shape.ts'
import { anything, fieldsOf, listOf, malformed, number, object, oneOf, text, whole } from './shape.ts'

const seed: Shape = (value, path) => {
  if (typeof value === 'number') whole(0, Number.MAX_SAFE_INTEGER)(value, path)
  else text(value, path)
}

/** Whatever the suite likes, as long as it is the same when it is written down again: JSON has numbers that no double holds. */
const plainData: Shape = (value, path) => requirePlainData(path, value)

const operation = object(
  { at: number(0, 1e12), process: whole(1, 1e9), f: text, node: text },
  { key: text, value: plainData },
)

const network: Shape = (value, path) => {
  const settings = Object.fromEntries(Object.keys(DEFAULT_LINK).map((name) => [name, anything]))
  object({}, { ...settings, maxFrameBytes: whole(1, 2 ** 30) })(value, path)
  validateLinkChange(value as object)
}

const disk: Shape = (value, path) => {
  const range = listOf(number(0, 1e6), 2)
  const latencies = Object.fromEntries(Object.keys(DEFAULT_LATENCY).map((name) => [name, range]))
  object({}, latencies)(value, path)
}

const scenario = object(
  {
    v: anything,
    suite: text,
    seed,
    nodes: listOf(text),
    durationMs: number(0, 1e9),
    settings: (value, path) => {
      fieldsOf(value, path)
      plainData(value, path)
    },
    operations: listOf(operation),
    faults: listOf(faultStep),
  },
  { network, disk, breaks: text },
)

/**
 * Reads a scenario as {@link formatScenario} writes it, and refuses whatever it does not know: a field with a typing error would be a fault that never happens.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` that says where the text is wrong: JSON, version, a field that is missing, unknown or out of range, an unknown
 *   node.
 * @category Scenarios
 */
export function parseScenario(json: string): Scenario {
  const value = parseJson(json)
  const version = fieldsOf(value, 'the scenario').get('v')
  if (version !== 1) throw malformed('the version (v) of the scenario', '1', version)
  scenario(value, 'scenario')
  const parsed = value as Scenario
  requireNodes(parsed)
  return parsed
}

/**
 * Writes a scenario as JSON in which every operation and every fault is a line: what was left out between two versions of it shows.
 * @category Scenarios
 */
export function formatScenario({ operations, faults, breaks, ...head }: Scenario): string {
  const lines = Object.entries(head).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`)
  const parts = [...lines, listed('operations', operations), listed('faults', faults)]
  if (breaks !== undefined) parts.push(`  "breaks": ${JSON.stringify(breaks)}`)
  return `{\n${parts.join(',\n')}\n}\n`
}

function listed(name: string, steps: readonly (ClientOperation | FaultStep)[]): string {
  if (steps.length === 0) return `  "${name}": []`
  return `  "${name}": [\n${steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n')}\n  ]`
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new TestingError('TESTING_INVALID_OPTION', `the scenario is not JSON: ${messageOf(cause)}`, {
      cause,
    })
  }
}

function requireNodes({ nodes, operations, faults }: Scenario): void {
  if (nodes.length === 0 || new Set(nodes).size < nodes.length)
    throw malformed('scenario.nodes', 'different ids, at least one', nodes)
  operations.forEach((each, place) => oneOf(nodes)(each.node, `scenario.operations[${place}].node`))
  faults.forEach((step, place) => {
    for (const name of namesOf(step))
      if (!isRole(name)) oneOf(nodes)(name, `a node of scenario.faults[${place}]`)
  })
}
