import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { Facts, Watcher } from './facts.ts'

/** One request to write a shared value. */
interface Asked {
  readonly by: NodeId
  /** The life of the writer. */
  readonly life: number
  /** Its place among all requests of the run. */
  readonly place: number
}

/** What one node saw of the shared values in one life, by key. */
interface Seen {
  /** The last value, also where it was deleted since. */
  last: string
  /** Everything that was replaced or deleted. */
  readonly over: Set<string>
}

/**
 * A shared value is always something that somebody wrote, told with who it was. And all its writes have one order, in which every node goes forwards: what one has seen replaced is not there again, and
 * what one node saw replaced by another value takes the place of that value nowhere. And what nobody deleted is not deleted.
 */
export class SharedRules implements Watcher {
  readonly #facts: Facts
  /** By key and value: who wrote it. */
  readonly #written = new Map<string, NodeId>()
  readonly #writers = new Map<string, { readonly node: NodeId; readonly at: number }>()
  readonly #seen = new Map<NodeId, Map<string, Seen>>()
  /** By key and value: the values that some node saw in its place. */
  readonly #later = new Map<string, Set<string>>()

  readonly #lives = new Map<NodeId, number>()
  /** How many requests there were. */
  #asked = 0
  /** By key and value. */
  readonly #writes = new Map<string, Asked>()
  /** By key. */
  readonly #deletions = new Map<string, Asked[]>()
  /** By key and value: what some node saw replaced or deleted. */
  readonly #over = new Set<string>()

  readonly #areRemembered: boolean

  /** `areRemembered`: deletions are remembered to the end. Else what nobody deleted may be buried by mistake, and written again. */
  constructor(facts: Facts, areRemembered: boolean) {
    this.#facts = facts
    this.#areRemembered = areRemembered
  }

  onBoot(node: NodeId, life: number): void {
    this.#lives.set(node, life)
    this.#seen.set(node, new Map())
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
    this.#noteAsked(node, key, about)
  }

  onEvent(node: NodeId, event: CoreEvent): void {
    if (event.type !== 'shared') return
    const { key, value, by } = event
    const text = value === undefined ? '' : new TextDecoder().decode(value)
    if (value !== undefined && !this.#written.has(`${key} ${text} ${by}`))
      this.#facts.broken('shared values are what somebody wrote', `${node} holds ${key} = '${text}' by ${by}`)
    if (this.#areRemembered) this.#follow(node, key, text)
  }

  /** Deletions look all alike, so they have no place of their own in the order: they end what was there. */
  #follow(node: NodeId, key: string, text: string): void {
    const keys = this.#seen.get(node)
    const seen = keys?.get(key)
    if (seen === undefined) {
      if (text !== '') keys?.set(key, { last: text, over: new Set() })
      return
    }
    if (text === '') {
      if (!seen.over.has(seen.last)) this.#deleted(node, key, seen.last)
      seen.over.add(seen.last)
      this.#over.add(`${key} ${seen.last}`)
      return
    }
    const isBack = seen.over.has(text)
    // Told once more, and still there.
    if (text === seen.last && !isBack) return
    const from = `${key} ${seen.last}`
    const to = `${key} ${text}`
    if (isBack || this.#isLater(to, from)) {
      const why = isBack ? 'which was over there before' : `which came before '${seen.last}' elsewhere`
      this.#facts.broken('shared values have one order', `${node} holds ${key} = '${text}', ${why}`)
    }
    this.#later.set(from, (this.#later.get(from) ?? new Set()).add(to))
    seen.over.add(seen.last)
    this.#over.add(from)
    seen.last = text
  }

  #noteAsked(node: NodeId, key: string, about: string): void {
    const asked = { by: node, life: this.#lives.get(node) ?? 0, place: this.#asked++ }
    if (about.endsWith(' ')) this.#deletions.set(key, [...(this.#deletions.get(key) ?? []), asked])
    else this.#writes.set(about, asked)
  }

  /**
   * What goes must have been deleted by somebody who may have done it after the write: clocks differ, so of another node, or another life, any deletion may be the later one. What was over
   * somewhere already may be buried anywhere.
   */
  #deleted(node: NodeId, key: string, text: string): void {
    const write = this.#writes.get(`${key} ${text}`)
    if (write === undefined || this.#over.has(`${key} ${text}`)) return
    const mayBe = ({ by, life, place }: Asked): boolean =>
      by !== write.by || life !== write.life || place > write.place
    if (this.#deletions.get(key)?.some(mayBe) !== true)
      this.#facts.broken(
        'nothing shared is deleted unasked',
        `${node} lost ${key} = '${text}' by ${write.by}, which nobody deleted`,
      )
  }

  /** Whether `to` was seen in the place of `from`, or in that of one that was, and so on. */
  #isLater(from: string, to: string): boolean {
    const reached = new Set([from])
    for (const each of reached) for (const next of this.#later.get(each) ?? []) reached.add(next)
    return reached.has(to)
  }
}
