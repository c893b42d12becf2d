import type { Scope } from './scope.ts'
import { isTrue, LuaError, LuaTable, numberOf, textOf, typeOf, type Value } from './value.ts'

/** An expression, ready to be computed; one that may have several values says so by `all`. */
export interface Expression {
  readonly one: (scope: Scope) => Value
  readonly all?: (scope: Scope) => readonly Value[]
  /** Where it stands for a place that can be assigned to. */
  readonly assign?: (scope: Scope, value: Value) => void
  readonly isCall?: boolean
}

/** The values of a list: the last one brings all that it has. */
export function valuesOf(list: readonly Expression[], scope: Scope): readonly Value[] {
  const last = list.at(-1)
  if (last?.all === undefined) return list.map(({ one }) => one(scope))
  return [...list.slice(0, -1).map(({ one }) => one(scope)), ...last.all(scope)]
}

/** A table as it is written: items of a list, and fields. */
export function tableOf(
  items: readonly Expression[],
  fields: readonly (readonly [key: Expression, value: Expression])[],
): Expression {
  return {
    one: (scope) => {
      const table = LuaTable.of(valuesOf(items, scope))
      for (const [key, value] of fields) table.set(key.one(scope), value.one(scope))
      return table
    },
  }
}

export function constant(value: Value): Expression {
  return { one: () => value }
}

export function variable(name: string): Expression {
  return {
    one: (scope) => {
      if (!scope.has(name))
        throw new LuaError(`Script attempted to access nonexistent global variable '${name}'`)
      return scope.get(name)
    },
    assign: (scope, value) => scope.set(name, value),
  }
}

export function indexed(container: Expression, key: Expression): Expression {
  const tableOf = (scope: Scope): LuaTable => {
    const table = container.one(scope)
    if (table instanceof LuaTable) return table
    throw new LuaError(`attempt to index a ${typeOf(table)} value`)
  }
  return {
    one: (scope) => tableOf(scope).get(key.one(scope)),
    assign: (scope, value) => tableOf(scope).set(key.one(scope), value),
  }
}

export function called(callee: Expression, args: readonly Expression[]): Expression {
  const all = (scope: Scope): readonly Value[] => {
    const callable = callee.one(scope)
    if (typeof callable !== 'function') throw new LuaError(`attempt to call a ${typeOf(callable)} value`)
    return callable(...valuesOf(args, scope))
  }
  return { one: (scope) => all(scope)[0], all, isCall: true }
}

/** `not`, `-` or `#` of a value. */
export function unary(sign: string, operand: Expression): Expression {
  if (sign === 'not') return { one: (scope) => !isTrue(operand.one(scope)) }
  if (sign === '-') return { one: (scope) => -requireNumber(operand.one(scope)) }
  return {
    one: (scope) => {
      const value = operand.one(scope)
      if (value instanceof LuaTable || typeof value === 'string') return value.length
      throw new LuaError(`attempt to get length of a ${typeOf(value)} value`)
    },
  }
}

/** Two values with a sign in between. */
export function binary(sign: string, left: Expression, right: Expression): Expression {
  if (sign === 'and') {
    return { one: (scope) => (isTrue(left.one(scope)) ? right.one(scope) : left.one(scope)) }
  }
  if (sign === 'or') {
    return {
      one: (scope) => {
        const value = left.one(scope)
        return isTrue(value) ? value : right.one(scope)
      },
    }
  }
  return { one: (scope) => compute(sign, left.one(scope), right.one(scope)) }
}

function compute(sign: string, left: Value, right: Value): Value {
  if (sign === '==') return left === right
  if (sign === '~=') return left !== right
  if (sign === '..') return requireText(left) + requireText(right)
  if (sign === '<') return isLess(left, right, false)
  if (sign === '>') return isLess(right, left, false)
  if (sign === '<=') return isLess(left, right, true)
  if (sign === '>=') return isLess(right, left, true)
  const [one, other] = [requireNumber(left), requireNumber(right)]
  if (sign === '+') return one + other
  if (sign === '-') return one - other
  if (sign === '*') return one * other
  if (sign === '^') return one ** other
  if (sign === '/') return one / other
  return one - Math.floor(one / other) * other
}

function isLess(one: Value, other: Value, orEqual: boolean): boolean {
  const comparable =
    (typeof one === 'number' && typeof other === 'number') ||
    (typeof one === 'string' && typeof other === 'string')
  if (!comparable) throw new LuaError(`attempt to compare ${typeOf(one)} with ${typeOf(other)}`)
  return orEqual ? one <= other : one < other
}

function requireNumber(value: Value): number {
  const number = numberOf(value)
  if (number === undefined) throw new LuaError(`attempt to perform arithmetic on a ${typeOf(value)} value`)
  return number
}

function requireText(value: Value): string {
  const text = textOf(value)
  if (text === undefined) throw new LuaError(`attempt to concatenate a ${typeOf(value)} value`)
  return text
}
