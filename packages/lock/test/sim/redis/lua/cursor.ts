import { type Token, tokensOf } from './tokens.ts'
import { LuaError } from './value.ts'

/** A place in the pieces of a source. */
export class Cursor {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(source: string) {
    this.#tokens = tokensOf(source)
  }

  get next(): Token {
    return this.ahead(0)
  }

  /** The piece so many after the next one. */
  ahead(count: number): Token {
    return this.#tokens[this.#at + count] ?? { kind: 'end', text: '', line: 0 }
  }

  /** Goes on, whatever the next piece is. */
  skip(): Token {
    const token = this.next
    this.#at += 1
    return token
  }

  /** Whether the next piece is this sign or word. */
  sees(text: string): boolean {
    const { kind } = this.next
    return (kind === 'sign' || kind === 'name') && this.next.text === text
  }

  /** Goes on if the next piece is this one. */
  take(text: string): boolean {
    if (!this.sees(text)) return false
    this.#at += 1
    return true
  }

  takeAny(texts: readonly string[]): string | undefined {
    return texts.find((text) => this.take(text))
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.wrong(`'${text}' expected`)
  }

  name(): string {
    if (this.next.kind !== 'name') throw this.wrong('a name expected')
    return this.skip().text
  }

  names(): readonly string[] {
    const names = [this.name()]
    while (this.take(',')) names.push(this.name())
    return names
  }

  wrong(why: string): LuaError {
    return new LuaError(`line ${this.next.line}: ${why} near '${this.next.text}'`)
  }
}
