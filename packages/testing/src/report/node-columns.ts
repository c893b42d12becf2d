import type { NodeState } from '../world/simulated-node.ts'
import { printable } from './printable.ts'

const NAMES = '123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const RUNS = '.'
const DOWN = 'x'
const PAUSED = 'z'

/** One character a node: what it is at a time. */
export class NodeColumns {
  /** A character a node, for the head of the table. */
  readonly heading: string
  readonly #nodes: readonly string[]
  readonly #states = new Map<string, NodeState>()
  readonly #roles = new Map<string, string>()
  readonly #letters = new Map<string, string>()

  constructor(nodes: readonly string[]) {
    this.#nodes = nodes
    const short = nodes.every((node) => /^[!-~]$/.test(node))
    this.heading = nodes.map((node, place) => (short ? node : (NAMES[place] ?? '*'))).join('')
  }

  /** What characters stand for, as lines below the table; call it last. */
  get legend(): string[] {
    if (this.#nodes.length === 0) return []
    const named = this.heading !== this.#nodes.join('')
    const nodes = this.#nodes.map((node, place) => `${this.heading[place] ?? ''} ${printable(node)}`)
    const roles = [...this.#letters].map(([role, letter]) => `${letter} ${printable(role)}`)
    const states = [`${RUNS} runs`, `${DOWN} down`, `${PAUSED} paused`, ...roles].join(', ')
    return named ? [`nodes: ${nodes.join(', ')}`, states] : [states]
  }

  /** A node changed its state; one that goes down has no role any more. */
  setState(node: string, state: NodeState): void {
    this.#states.set(node, state)
    if (state === 'down') this.#roles.delete(node)
  }

  /** A node changed its role; the empty text is none. */
  setRole(node: string, role: string): void {
    this.#roles.set(node, role)
    if (role !== '' && !this.#letters.has(role)) this.#letters.set(role, this.#letterFor(role))
  }

  /** A character a node, as it is now. */
  get states(): string {
    return this.#nodes.map((node) => this.#characterOf(node)).join('')
  }

  #characterOf(node: string): string {
    const state = this.#states.get(node)
    if (state === 'down') return DOWN
    if (state === 'paused') return PAUSED
    return this.#letters.get(this.#roles.get(node) ?? '') ?? RUNS
  }

  /** The first letter of the role that no other role has. */
  #letterFor(role: string): string {
    const taken = new Set(this.#letters.values())
    const letters = role.toUpperCase().match(/[A-Z]/g) ?? []
    return letters.find((letter) => !taken.has(letter)) ?? '?'
  }
}
