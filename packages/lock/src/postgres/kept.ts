/** One thing that is opened when somebody needs it, shared by all, and opened anew when it is lost. */
export class Kept<Thing extends { readonly isOpen: boolean }> {
  readonly #open: () => Promise<Thing>
  #current: Thing | undefined
  #opening: Promise<Thing> | undefined

  constructor(open: () => Promise<Thing>) {
    this.#open = open
  }

  /** The one that is open just now. */
  get current(): Thing | undefined {
    return this.#current?.isOpen === true ? this.#current : undefined
  }

  async get(): Promise<Thing> {
    return this.current ?? (await (this.#opening ??= this.#openNext()))
  }

  async #openNext(): Promise<Thing> {
    try {
      return (this.#current = await this.#open())
    } finally {
      this.#opening = undefined
    }
  }
}
