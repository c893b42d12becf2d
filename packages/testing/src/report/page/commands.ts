import type { Details } from './details.ts'
import { type Item, itemsInOrder, itemTime } from './items.ts'
import { openingView } from './opening-view.ts'
import type { Player } from './player.ts'
import { centred, panned, zoomed } from './view.ts'

/** What buttons and keys can ask for. */
export type Command = 'in' | 'out' | 'earlier' | 'later' | 'all' | 'failure' | 'next' | 'previous'

/** Keys of the picture, when it has the focus. */
const KEYS: Readonly<Record<string, Command>> = {
  '+': 'in',
  '=': 'in',
  '-': 'out',
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
  '0': 'all',
  f: 'failure',
  n: 'next',
  p: 'previous',
}

/** Carries out what buttons and keys ask for. */
export class Commands {
  readonly #player: Player
  readonly #details: Details
  readonly #order: readonly Item[]
  /** Where the walk with N and P is. */
  #place = -1

  constructor(player: Player, details: Details) {
    this.#player = player
    this.#details = details
    this.#order = itemsInOrder(player.scene)
  }

  run(command: Command): void {
    const { view, whole, scene } = this.#player
    const middle = (view.from + view.to) / 2
    switch (command) {
      case 'in':
      case 'out':
        this.#player.view = zoomed(view, whole, command === 'in' ? 1 / 1.5 : 1.5, middle)
        return
      case 'earlier':
      case 'later':
        this.#player.view = panned(view, whole, command === 'earlier' ? -0.2 : 0.2)
        return
      case 'all':
        this.#player.view = whole
        return
      case 'failure':
        this.#player.view = openingView(scene)
        return
      case 'next':
      case 'previous':
        return this.#walk(command === 'next' ? 1 : -1)
    }
  }

  /** Shows an instant in the middle. */
  lookAt(time: number): void {
    this.#player.view = centred(this.#player.view, this.#player.whole, time)
  }

  /** The next or previous thing; the first time, what comes first in the picture. */
  #walk(by: 1 | -1): void {
    const { view, scene } = this.#player
    const seen = (item: Item): boolean => itemTime(scene, item) >= view.from
    const next = this.#place === -1 ? this.#order.findIndex(seen) : this.#place + by
    const item = this.#order[next]
    if (item === undefined) return
    this.#place = next
    const time = itemTime(scene, item)
    if (time < view.from || time > view.to) this.lookAt(time)
    this.#player.selected = item
    this.#details.showBeside(item)
  }

  /** Forgets where the walk was, because the eye has gone elsewhere. */
  rest(): void {
    this.#place = -1
    this.#player.selected = undefined
    this.#details.show(undefined, 0, 0)
  }
}

/** Keys work while the picture has the focus. */
export function listenToKeys(player: Player, commands: Commands): void {
  player.canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') return commands.rest()
    const command = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (command === undefined) return
    event.preventDefault()
    commands.run(command)
  })
}
