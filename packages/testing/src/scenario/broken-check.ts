/** What makes a run fail, with the name of the check that broke. Inside a simulation; outside it becomes a {@link SimulationFailure}. */
export class BrokenCheck extends Error {
  /** The check, by name. */
  readonly check: string

  /** Makes an error; `detail` says what was found. */
  constructor(check: string, detail: string, cause?: unknown) {
    super(`${check}: ${detail}`, cause === undefined ? undefined : { cause })
    this.name = 'BrokenCheck'
    this.check = check
  }
}

/** What something thrown says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

const LONGEST_NAME = 200

/**
 * The name of a check that was nobody's: something threw. Numbers and the ids of nodes are left out, since they change when a scenario is made smaller and
 * the same thing goes wrong.
 */
export function crashName(thrown: unknown, nodes: readonly string[]): string {
  const [line = ''] = messageOf(thrown).split('\n')
  const words = line.replaceAll(/\d+(?:\.\d+)?/g, '#').split(/(?<![\w-])|(?![\w-])/)
  return `crash: ${words.map((word) => (nodes.includes(word) ? '*' : word)).join('')}`.slice(0, LONGEST_NAME)
}
