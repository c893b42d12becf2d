import { type Expression, valuesOf } from './expression.ts'
import { Scope } from './scope.ts'
import { isTrue, LuaError, type LuaFunction, numberOf, type Value } from './value.ts'

/** How a statement leaves its block, if it does. */
type Exit = 'break' | { readonly values: readonly Value[] } | undefined

/** A statement, ready to be run. */
export type Statement = (scope: Scope) => Exit

/** Statements, one after the other. */
export type Block = readonly Statement[]

/** A loop that goes round more often does not end. */
const MAX_ROUNDS = 100_000

/** A function with its parameters, made where its variables are. */
export function functionOf(parameters: readonly string[], body: Block): (around: Scope) => LuaFunction {
  return (around) =>
    (...args) => {
      const scope = new Scope(around)
      parameters.forEach((name, index) => scope.declare(name, args[index]))
      const exit = run(body, scope)
      return typeof exit === 'object' ? exit.values : []
    }
}

function run(block: Block, scope: Scope): Exit {
  for (const statement of block) {
    const exit = statement(scope)
    if (exit !== undefined) return exit
  }
  return undefined
}

export function breakOut(): Exit {
  return 'break'
}

export function doBlock(body: Block): Statement {
  return (scope) => run(body, new Scope(scope))
}

export function returnOf(list: readonly Expression[]): Statement {
  return (scope) => ({ values: valuesOf(list, scope) })
}

export function callOf(call: Expression): Statement {
  return (scope) => {
    call.one(scope)
    return undefined
  }
}

export function localFunction(name: string, make: (scope: Scope) => LuaFunction): Statement {
  return (scope) => {
    scope.declare(name, undefined)
    scope.set(name, make(scope))
    return undefined
  }
}

export function localOf(names: readonly string[], list: readonly Expression[]): Statement {
  return (scope) => {
    const values = valuesOf(list, scope)
    names.forEach((name, index) => scope.declare(name, values[index]))
    return undefined
  }
}

export function assignmentOf(places: readonly Expression[], list: readonly Expression[]): Statement {
  return (scope) => {
    const values = valuesOf(list, scope)
    places.forEach(({ assign }, index) => {
      if (assign === undefined) throw new LuaError('cannot assign')
      assign(scope, values[index])
    })
    return undefined
  }
}

/** One branch of an `if`; the last one may have no condition. */
export interface Branch {
  readonly condition: Expression | undefined
  readonly body: Block
}

export function ifOf(branches: readonly Branch[]): Statement {
  return (scope) => {
    const branch = branches.find(({ condition }) => condition === undefined || isTrue(condition.one(scope)))
    return branch === undefined ? undefined : run(branch.body, new Scope(scope))
  }
}

export function countedFor(name: string, list: readonly Expression[], body: Block): Statement {
  return (scope) => {
    const [from, to, step = 1] = valuesOf(list, scope).map(numberOf)
    if (from === undefined || to === undefined || step === 0) throw new LuaError("'for' needs numbers")
    for (let at = from; step > 0 ? at <= to : at >= to; at += step) {
      const inner = new Scope(scope)
      inner.declare(name, at)
      const exit = run(body, inner)
      if (exit !== undefined) return exit === 'break' ? undefined : exit
    }
    return undefined
  }
}

export function genericFor(names: readonly string[], list: readonly Expression[], body: Block): Statement {
  return (scope) => {
    const [next, state, first] = valuesOf(list, scope)
    if (typeof next !== 'function') throw new LuaError("'for' needs an iterator")
    let control = first
    for (;;) {
      const values = next(state, control)
      control = values[0]
      if (control === undefined) return undefined
      const inner = new Scope(scope)
      names.forEach((name, index) => inner.declare(name, values[index]))
      const exit = run(body, inner)
      if (exit !== undefined) return exit === 'break' ? undefined : exit
    }
  }
}

export function whileOf(condition: Expression, body: Block): Statement {
  return (scope) => {
    for (let round = 0; isTrue(condition.one(scope)); round++) {
      if (round > MAX_ROUNDS) throw new LuaError('a loop without end')
      const exit = run(body, new Scope(scope))
      if (exit !== undefined) return exit === 'break' ? undefined : exit
    }
    return undefined
  }
}

export function repeatOf(body: Block, condition: Expression): Statement {
  return (scope) => {
    for (let round = 0; ; round++) {
      if (round > MAX_ROUNDS) throw new LuaError('a loop without end')
      const inner = new Scope(scope)
      const exit = run(body, inner)
      if (exit !== undefined) return exit === 'break' ? undefined : exit
      if (isTrue(condition.one(inner))) return undefined
    }
  }
}
