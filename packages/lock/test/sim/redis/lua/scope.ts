import { LuaError, type Value } from './value.ts'

/** The local variables of a block, within those around it. */
export class Scope {
  readonly #around: Scope | undefined
  readonly #variables = new Map<string, Value>()

  constructor(around?: Scope) {
    this.#around = around
  }

  declare(name: string, value: Value): void {
    this.#variables.set(name, value)
  }

  get(name: string): Value {
    if (this.#variables.has(name)) return this.#variables.get(name)
    return this.#around === undefined ? undefined : this.#around.get(name)
  }

  /** Redis refuses scripts that write to globals. */
  set(name: string, value: Value): void {
    if (this.#variables.has(name)) this.#variables.set(name, value)
    else if (this.#around !== undefined) this.#around.set(name, value)
    else throw new LuaError(`Attempt to modify a readonly table: global '${name}'`)
  }

  has(name: string): boolean {
    return this.#variables.has(name) || this.#around?.has(name) === true
  }
}
