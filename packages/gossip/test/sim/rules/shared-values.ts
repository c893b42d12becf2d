import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { Facts, Watcher } from './facts.ts'

/** A shared value is always something that somebody wrote, told with who it was. */
export class SharedRules implements Watcher {
  readonly #facts: Facts
  /** By key and value: who wrote it. */
  readonly #written = new Map<string, NodeId>()
  readonly #writers = new Map<string, { readonly node: NodeId; readonly at: number }>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  /** `about`: key, a space, the value; nothing after the space where it was deleted. */
  onAsked(node: NodeId, what: string, about: string): void {
    if (what !== 'share') return
    this.#written.set(`${about} ${node}`, node)
    const [key = ''] = about.split(' ')
    const last = this.#writers.get(key)
    if (last !== undefined && last.node !== node && this.#facts.now - last.at < 20)
      this.#facts.sometimes('two wrote a shared value at about the same time')
    this.#writers.set(key, { node, at: this.#facts.now })
  }

  onEvent(node: NodeId, event: CoreEvent): void {
    if (event.type !== 'shared') return
    const { key, value, by } = event
    const text = value === undefined ? '' : new TextDecoder().decode(value)
    if (!this.#written.has(`${key} ${text} ${by}`))
      this.#facts.broken('shared values are what somebody wrote', `${node} holds ${key} = '${text}' by ${by}`)
  }
}
