import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { Facts, Watcher } from './facts.ts'

/** Broadcasts come at most once in each life of a node, whatever the network repeats, and only from whoever sent them; and nobody is counted who did not get them. */
export class MessageRules implements Watcher {
  readonly #facts: Facts
  /** By payload: who sent it. */
  readonly #sent = new Map<string, NodeId>()
  /** By payload: who has it, in any life. */
  readonly #reached = new Map<string, Set<NodeId>>()
  /** What each node has got in its present life. */
  readonly #got = new Map<NodeId, Set<string>>()
  /** Payloads by sender and number. */
  readonly #numbers = new Map<string, string>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#got.set(node, new Set())
    for (const number of this.#numbers.keys()) if (number.startsWith(`${node} `)) this.#numbers.delete(number)
  }

  /** `about`: the number that the node gave it, a space, the payload. */
  onAsked(node: NodeId, what: string, about: string): void {
    if (what !== 'broadcast') return
    const [number = '', payload = ''] = about.split(' ')
    this.#sent.set(payload, node)
    this.#numbers.set(`${node} ${number}`, payload)
  }

  onEvent(node: NodeId, event: CoreEvent): void {
    if (event.type === 'broadcast')
      this.#onBroadcast(node, event.from, new TextDecoder().decode(event.payload))
    if (event.type === 'delivered') this.#onDelivered(node, event)
  }

  #onBroadcast(node: NodeId, from: NodeId, payload: string): void {
    const rule = 'messages come once, from whoever sent them'
    if (this.#sent.get(payload) !== from)
      this.#facts.broken(rule, `${node} got '${payload}' from ${from}, which never sent it`)
    if (from === node) this.#facts.broken(rule, `${node} got its own '${payload}'`)
    const got = this.#got.get(node)
    if (got?.has(payload) === true) this.#facts.broken(rule, `${node} got '${payload}' twice`)
    got?.add(payload)
    const reached = this.#reached.get(payload) ?? new Set()
    this.#reached.set(payload, reached.add(node))
  }

  #onDelivered(node: NodeId, { id, count, done }: Extract<CoreEvent, { type: 'delivered' }>): void {
    const payload = this.#numbers.get(`${node} ${id}`)
    if (payload === undefined) return
    const reached = this.#reached.get(payload)?.size ?? 0
    if (count > reached)
      this.#facts.broken(
        'receipts are true',
        `${node} counts ${count} that have '${payload}', and ${reached} do`,
      )
    if (!done) return
    const others = this.#facts.nodes.length - 1
    this.#facts.sometimes(
      count === others ? 'a broadcast was delivered to all' : 'a broadcast missed somebody',
    )
  }
}
