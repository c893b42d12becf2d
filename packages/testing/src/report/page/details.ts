import { describe } from './describe.ts'
import type { Item } from './items.ts'
import type { Player } from './player.ts'

/** Distance between something and the words about it, in pixels. */
const APART = 12

/** The words about what is pointed at: beside it for the eye, and announced by screen readers. */
export class Details {
  readonly #player: Player
  readonly #element: HTMLElement

  constructor(player: Player, element: HTMLElement) {
    this.#player = player
    this.#element = element
  }

  /** Says what is known of something, near `x` and `y` of the canvas. Nothing: stays silent. */
  show(item: Item | undefined, x: number, y: number): void {
    this.#element.hidden = item === undefined
    if (item === undefined) return
    const { heading, lines } = describe(this.#player.scene, item)
    this.#element.replaceChildren(text('strong', heading), definitions(lines))
    this.#place(x, y)
  }

  /** Beside something that was chosen with the keys. */
  showBeside(item: Item): void {
    const { x, y, width, height } = this.#player.boxOf(item)
    this.show(item, x + Math.min(width, 60), y + height)
  }

  /** Below the point on its right, or where there is more room. */
  #place(x: number, y: number): void {
    const { canvas } = this.#player
    const { offsetWidth: width, offsetHeight: height } = this.#element
    const left = x + APART + width <= canvas.clientWidth ? x + APART : Math.max(0, x - APART - width)
    const top = y + APART + height <= canvas.clientHeight ? y + APART : Math.max(0, y - APART - height)
    Object.assign(this.#element.style, { left: `${left}px`, top: `${top}px` })
  }
}

/** An element with text. Text is never markup. */
function text(name: string, content: string): HTMLElement {
  const element = document.createElement(name)
  element.textContent = content
  return element
}

function definitions(lines: readonly (readonly [string, string])[]): HTMLElement {
  const list = document.createElement('dl')
  for (const [name, value] of lines) list.append(text('dt', name), text('dd', value))
  return list
}
