import { Cursor } from './cursor.ts'
import { binary, called, constant, type Expression, indexed, tableOf, unary, variable } from './expression.ts'
import type { Scope } from './scope.ts'
import {
  assignmentOf,
  type Block,
  type Branch,
  breakOut,
  callOf,
  countedFor,
  doBlock,
  functionOf,
  genericFor,
  ifOf,
  localFunction,
  localOf,
  repeatOf,
  returnOf,
  type Statement,
  whileOf,
} from './statement.ts'
import type { LuaFunction } from './value.ts'

/** A script: given its globals, a function that runs it. */
export function parseScript(source: string): (globals: Scope) => LuaFunction {
  const parser = new Parser(source)
  const body = parser.block()
  if (parser.next.kind !== 'end') throw parser.wrong('the end expected')
  return functionOf([], body)
}

/** Operators by how tightly they bind, weakest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['<', '>', '<=', '>=', '~=', '=='],
  ['..'],
  ['+', '-'],
  ['*', '/', '%'],
]
const BLOCK_ENDS = ['end', 'else', 'elseif', 'until']

/** Reads the part of Lua 5.1 that scripts of locks are written in: no metatables, no methods but those of strings, no variable arguments, no `goto`. */
class Parser extends Cursor {
  block(): Block {
    const block: Statement[] = []
    while (!this.#isAtBlockEnd()) {
      const isLast = this.sees('return') || this.sees('break')
      block.push(this.#statement())
      this.take(';')
      if (isLast) break
    }
    return block
  }

  #isAtBlockEnd(): boolean {
    return this.next.kind === 'end' || BLOCK_ENDS.some((end) => this.sees(end))
  }

  /** A block and the word that ends it. */
  #body(): Block {
    const block = this.block()
    this.expect('end')
    return block
  }

  #statement(): Statement {
    if (this.take('local')) return this.#local()
    if (this.take('if')) return this.#if()
    if (this.take('for')) return this.#for()
    if (this.take('do')) return doBlock(this.#body())
    if (this.take('break')) return breakOut
    if (this.take('while')) {
      const condition = this.#expression()
      this.expect('do')
      return whileOf(condition, this.#body())
    }
    if (this.take('repeat')) {
      const body = this.block()
      this.expect('until')
      return repeatOf(body, this.#expression())
    }
    if (this.take('return')) return returnOf(this.#isAtBlockEnd() || this.sees(';') ? [] : this.#list())
    return this.#assignmentOrCall()
  }

  #local(): Statement {
    if (this.take('function')) return localFunction(this.name(), this.#function())
    const names = this.names()
    return localOf(names, this.take('=') ? this.#list() : [])
  }

  #assignmentOrCall(): Statement {
    const first = this.#suffixed()
    if (first.isCall === true && !this.sees('=') && !this.sees(',')) return callOf(first)
    const places = [first]
    while (this.take(',')) places.push(this.#suffixed())
    this.expect('=')
    return assignmentOf(places, this.#list())
  }

  #if(): Statement {
    const branches: Branch[] = []
    do {
      const condition = this.#expression()
      this.expect('then')
      branches.push({ condition, body: this.block() })
    } while (this.take('elseif'))
    if (this.take('else')) branches.push({ condition: undefined, body: this.block() })
    this.expect('end')
    return ifOf(branches)
  }

  #for(): Statement {
    const names = this.names()
    const isCounted = this.take('=')
    if (!isCounted) this.expect('in')
    const list = this.#list()
    this.expect('do')
    const body = this.#body()
    return isCounted ? countedFor(names[0] ?? '', list, body) : genericFor(names, list, body)
  }

  /** Parameters and body of a function, after the word. */
  #function(): (scope: Scope) => LuaFunction {
    this.expect('(')
    const parameters = this.sees(')') ? [] : this.names()
    this.expect(')')
    return functionOf(parameters, this.#body())
  }

  #list(): readonly Expression[] {
    const list = [this.#expression()]
    while (this.take(',')) list.push(this.#expression())
    return list
  }

  #expression(level = 0): Expression {
    const signs = LEVELS[level]
    if (signs === undefined) return this.#unary()
    let left = this.#expression(level + 1)
    for (let sign = this.takeAny(signs); sign !== undefined; sign = this.takeAny(signs)) {
      // Concatenation binds to the right.
      left = binary(sign, left, this.#expression(sign === '..' ? level : level + 1))
    }
    return left
  }

  #unary(): Expression {
    const sign = this.takeAny(['not', '#', '-'])
    if (sign !== undefined) return unary(sign, this.#unary())
    const base = this.#suffixed()
    return this.take('^') ? binary('^', base, this.#unary()) : base
  }

  /** A value, and what is taken of it: `a.b[c]`, `f(x)`, `s:sub(1)`. */
  #suffixed(): Expression {
    let value = this.#primary()
    for (;;) {
      if (this.take('.')) value = indexed(value, constant(this.name()))
      else if (this.take('[')) {
        value = indexed(value, this.#expression())
        this.expect(']')
      } else if (this.take(':')) {
        // Only strings have methods here.
        const method = indexed(variable('string'), constant(this.name()))
        value = called(method, [{ one: value.one }, ...this.#arguments()])
      } else if (this.sees('(') || this.next.kind === 'string' || this.sees('{'))
        value = called(value, this.#arguments())
      else return value
    }
  }

  #arguments(): readonly Expression[] {
    if (!this.take('(')) return [this.#primary()]
    const list = this.sees(')') ? [] : this.#list()
    this.expect(')')
    return list
  }

  #primary(): Expression {
    const { kind } = this.next
    if (kind === 'number') return constant(Number(this.skip().text))
    if (kind === 'string') return constant(this.skip().text)
    if (this.take('(')) {
      const inner = this.#expression()
      this.expect(')')
      return { one: inner.one }
    }
    if (this.take('{')) return this.#table()
    if (this.take('nil')) return constant(undefined)
    if (this.take('true')) return constant(true)
    if (this.take('false')) return constant(false)
    if (this.take('function')) return { one: this.#function() }
    return variable(this.name())
  }

  #table(): Expression {
    const items: Expression[] = []
    const fields: [Expression, Expression][] = []
    while (!this.take('}')) {
      const second = this.ahead(1)
      const isNamed = this.next.kind === 'name' && second.kind === 'sign' && second.text === '='
      if (isNamed || this.sees('[')) {
        const key = this.take('[') ? this.#expression() : constant(this.name())
        if (!isNamed) this.expect(']')
        this.expect('=')
        fields.push([key, this.#expression()])
      } else items.push(this.#expression())
      if (!this.take(',')) this.take(';')
    }
    return tableOf(items, fields)
  }
}
