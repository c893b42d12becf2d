import { valueKey } from './value-key.ts'

/** Gives every different value a small number, from 0: states made of numbers are cheap to compare. */
export class ValueNumbers {
  readonly #numbers = new Map<unknown, number>()
  readonly #values: unknown[] = []

  /** The number of a value, a new one if it was never seen. */
  of(value: unknown): number {
    const key = valueKey(value)
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.#values.length
      this.#numbers.set(key, number)
      this.#values.push(value ?? null)
    }
    return number
  }

  /** The number of a value that was seen. */
  find(value: unknown): number | undefined {
    return this.#numbers.get(valueKey(value))
  }

  /** What a number stands for. */
  value(number: number): unknown {
    return this.#values[number]
  }
}
