import { describe, expect, test } from 'vitest'
import {
  appendListModel,
  bankModel,
  checkLinearizable,
  counterModel,
  mapModel,
  type Model,
  modelByName,
  modelNames,
  mutexModel,
  type Operation,
  queueModel,
  registerModel,
  setModel,
} from '../../src/check/index.ts'
import { historyOf, inTurn } from './rows.ts'

const never = Number.POSITIVE_INFINITY

function verdict(model: Model<unknown>, operations: readonly Operation[]): string {
  return checkLinearizable(model, operations).verdict
}

/** Lines of what can happen, and lines of what cannot, each one thing after the other. */
type Cases = readonly (readonly [string, Model<unknown>, Operation[]])[]

const legal: Cases = [
  [
    'a queue gives what came first',
    queueModel(),
    inTurn([0, 'enqueue', 1], [0, 'enqueue', 2], [1, 'dequeue', undefined, 1], [1, 'dequeue', undefined, 2]),
  ],
  ['an empty queue gives null', queueModel(), inTurn([0, 'dequeue', undefined, null], [0, 'dequeue'])],
  [
    'a queue holds equal values',
    queueModel(),
    inTurn(
      [0, 'enqueue', { a: 1 }],
      [0, 'enqueue', { a: 1 }],
      [0, 'dequeue', undefined, { a: 1 }],
      [0, 'dequeue', undefined, { a: 1 }],
      [0, 'dequeue'],
    ),
  ],
  [
    'a queue that holds something at first',
    queueModel({ initial: ['a'] }),
    inTurn([0, 'enqueue', 'b'], [0, 'dequeue', undefined, 'a']),
  ],
  [
    'a set in any order',
    setModel(),
    inTurn([0, 'add', 'x'], [0, 'add', 5], [0, 'add', 'x'], [0, 'read', undefined, [5, 'x']]),
  ],
  ['a set with members at first', setModel({ initial: [1] }), inTurn([0, 'read', undefined, [1]])],
  ['an empty set', setModel(), inTurn([0, 'read', undefined, []], [0, 'read'])],
  [
    'a counter that tells the new value, or nothing',
    counterModel(),
    inTurn([0, 'inc', undefined, 1], [0, 'inc', 5], [0, 'inc', -2, 4], [0, 'read', undefined, 4]),
  ],
  ['a counter that begins somewhere', counterModel({ initial: 7 }), inTurn([0, 'read', undefined, 7])],
  [
    'a lock from hand to hand',
    mutexModel(),
    inTurn(
      [0, 'acquire'],
      [0, 'release'],
      ['b', 'acquire', undefined, true],
      ['b', 'release', undefined, true],
    ),
  ],
  [
    'tokens that grow',
    mutexModel({ initial: 3 }),
    inTurn([0, 'acquire', undefined, 4], [0, 'release'], [1, 'acquire', undefined, 9]),
  ],
  [
    'a lock that is refused while it is held',
    mutexModel(),
    inTurn([0, 'acquire'], [1, 'acquire', undefined, false], [1, 'release', undefined, false]),
  ],
  [
    'transfers, and one that is refused',
    bankModel({ initial: { a: 2, b: 0 } }),
    inTurn(
      [0, 'transfer', { from: 'a', to: 'b', amount: 2 }, true],
      [0, 'transfer', { from: 'a', to: 'b', amount: 1 }, false],
      [0, 'read', undefined, { b: 2, a: 0 }],
    ),
  ],
  [
    'an overdraft, where it is allowed',
    bankModel({ initial: { a: 0, b: 0 }, overdraft: true }),
    inTurn([0, 'transfer', { from: 'a', to: 'b', amount: 2 }], [0, 'read', undefined, { a: -2, b: 2 }]),
  ],
  [
    'accounts with names that objects inherit',
    bankModel({ initial: { constructor: 1, a: 1 } }),
    inTurn([0, 'read', undefined, { constructor: 1, a: 1 }]),
  ],
  [
    'a list as it grew',
    appendListModel({ initial: [0] }),
    inTurn([0, 'append', 1], [0, 'append', [2]], [0, 'read', undefined, [0, 1, [2]]]),
  ],
  ['an empty list', appendListModel(), inTurn([0, 'read', undefined, []], [0, 'read', undefined, null])],
  ['a map with values at first', mapModel({ initial: { '': 5 } }), inTurn([0, 'get', undefined, 5])],
  [
    'a swap of a value for itself',
    registerModel({ initial: 1 }),
    inTurn([0, 'cas', [1, 1], true], [0, 'cas', [2, 2], false], [0, 'read', undefined, 1]),
  ],
]

const illegal: Cases = [
  [
    'a queue that gives the last first',
    queueModel(),
    inTurn([0, 'enqueue', 1], [0, 'enqueue', 2], [1, 'dequeue', undefined, 2]),
  ],
  [
    'a queue that gives twice',
    queueModel(),
    inTurn([0, 'enqueue', 1], [1, 'dequeue', undefined, 1], [2, 'dequeue', undefined, 1]),
  ],
  [
    'a queue that claims to be empty',
    queueModel(),
    inTurn([0, 'enqueue', 1], [1, 'dequeue', undefined, null]),
  ],
  [
    'a queue that gives what nobody put in',
    queueModel(),
    inTurn([0, 'enqueue', 1], [1, 'dequeue', undefined, 7]),
  ],
  ['a set that forgets', setModel(), inTurn([0, 'add', 1], [0, 'add', 2], [1, 'read', undefined, [2]])],
  ['a set that invents', setModel(), inTurn([0, 'add', 1], [1, 'read', undefined, [1, 2]])],
  [
    'a set with a member twice',
    setModel(),
    inTurn([0, 'add', 1], [0, 'add', 2], [1, 'read', undefined, [1, 1]]),
  ],
  ['a set that gives no list', setModel(), inTurn([0, 'read', undefined, 0])],
  ['a counter that loses', counterModel(), inTurn([0, 'inc'], [1, 'inc'], [0, 'read', undefined, 1])],
  ['two that get the same number', counterModel(), historyOf([0, 'inc', 0, 9, 1, 1], [1, 'inc', 0, 9, 1, 1])],
  ['two that hold a lock', mutexModel(), inTurn([0, 'acquire'], [1, 'acquire'])],
  ['one that gets a lock twice', mutexModel(), inTurn([0, 'acquire'], [0, 'acquire'])],
  ['a release by a stranger', mutexModel(), inTurn([0, 'acquire'], ['0', 'release'])],
  ['a release of nothing', mutexModel(), inTurn([0, 'release'])],
  ['a refusal while nobody holds it', mutexModel(), inTurn([0, 'acquire', undefined, false])],
  [
    'a token again',
    mutexModel(),
    inTurn([0, 'acquire', undefined, 4], [0, 'release'], [1, 'acquire', undefined, 4]),
  ],
  [
    'a token that fell, over one that nobody knows',
    mutexModel(),
    inTurn(
      [0, 'acquire', undefined, 4],
      [0, 'release'],
      [1, 'acquire'],
      [1, 'release'],
      [1, 'acquire', undefined, 3],
    ),
  ],
  [
    'a total that changed',
    bankModel({ initial: { a: 2, b: 0 } }),
    inTurn([0, 'read', undefined, { a: 2, b: 1 }]),
  ],
  [
    'an account that is missing',
    bankModel({ initial: { a: 2, b: 0 } }),
    inTurn([0, 'read', undefined, { a: 2 }]),
  ],
  [
    'a transfer without cover',
    bankModel({ initial: { a: 1, b: 0 } }),
    inTurn([0, 'transfer', { from: 'a', to: 'b', amount: 2 }]),
  ],
  [
    'a refusal without reason',
    bankModel({ initial: { a: 2, b: 0 } }),
    inTurn([0, 'transfer', { from: 'a', to: 'b', amount: 2 }, false]),
  ],
  [
    'a list that lost one',
    appendListModel(),
    inTurn([0, 'append', 1], [0, 'append', 2], [1, 'read', undefined, [2]]),
  ],
  [
    'a list in another order',
    appendListModel(),
    inTurn([0, 'append', 1], [0, 'append', 2], [1, 'read', undefined, [2, 1]]),
  ],
  [
    'two that saw a list differently',
    appendListModel(),
    historyOf(
      [0, 'append', 0, 9, 1],
      [1, 'append', 0, 9, 2],
      [2, 'read', 1, 3, undefined, [1]],
      [2, 'read', 10, 11, undefined, [2, 1]],
    ),
  ],
]

test.each(legal)('can happen: %s', (_, model, operations) => {
  expect(verdict(model, operations)).toBe('ok')
})

test.each(illegal)('cannot happen: %s', (_, model, operations) => {
  expect(verdict(model, operations)).toBe('illegal')
})

describe('unknown outcomes', () => {
  test('a dequeue that nobody heard of may have taken one, or none', () => {
    const lost = historyOf([0, 'enqueue', 0, 1, 1], [0, 'enqueue', 2, 3, 2], [1, 'dequeue', 4, never])
    expect(verdict(queueModel(), [...lost, ...historyOf([2, 'dequeue', 9, 10, undefined, 1])])).toBe('ok')
    expect(verdict(queueModel(), [...lost, ...historyOf([2, 'dequeue', 9, 10, undefined, 2])])).toBe('ok')
    expect(verdict(queueModel(), [...lost, ...historyOf([2, 'dequeue', 9, 10, undefined, null])])).toBe(
      'illegal',
    )
  })

  test('an acquire that timed out may hold the lock, and its process may release it', () => {
    const lost = historyOf([0, 'acquire', 0, never])
    expect(verdict(mutexModel(), [...lost, ...historyOf([1, 'acquire', 5, 6])])).toBe('ok')
    expect(verdict(mutexModel(), [...lost, ...historyOf([0, 'release', 5, 6])])).toBe('ok')
    expect(verdict(mutexModel(), [...lost, ...historyOf([0, 'release', 5, 6], [0, 'release', 7, 8])])).toBe(
      'illegal',
    )
  })

  test('a transfer that timed out may have happened, been refused, or never come', () => {
    const model = bankModel({ initial: { a: 1, b: 0 } })
    const lost = historyOf([0, 'transfer', 0, never, { from: 'a', to: 'b', amount: 1 }])
    for (const balances of [
      { a: 1, b: 0 },
      { a: 0, b: 1 },
    ]) {
      expect(verdict(model, [...lost, ...historyOf([1, 'read', 5, 6, undefined, balances])])).toBe('ok')
    }
    expect(verdict(model, [...lost, ...historyOf([1, 'read', 5, 6, undefined, { a: -1, b: 2 }])])).toBe(
      'illegal',
    )
  })
})

test('every model takes keys as objects of their own, and names the guilty one', () => {
  for (const [, model, operations] of legal) {
    const other = operations.map((operation) => ({ ...operation, key: 'other' }))
    // What a map holds at first, it holds under one key.
    if (operations[0]?.f !== 'get') expect(verdict(model, [...operations, ...other])).toBe('ok')
  }
  for (const [, model, operations] of illegal) {
    const other = operations.map((operation) => ({ ...operation, key: 'other' }))
    expect(checkLinearizable(model, other)).toMatchObject({ verdict: 'illegal', witness: { key: 'other' } })
  }
})

test('states can be told to people', () => {
  const after = (model: Model<unknown>, operations: readonly Operation[]): string | undefined => {
    const state = operations.reduce((before, operation) => model.step(before, operation).state, model.init())
    return model.describe?.(state)
  }
  expect(after(queueModel(), inTurn([0, 'enqueue', 'a'], [0, 'enqueue', 2]))).toBe('["a",2]')
  expect(after(setModel(), inTurn([0, 'add', 'a'], [0, 'add', 2]))).toBe('["a",2]')
  expect(after(appendListModel(), inTurn([0, 'append', 'a'], [0, 'append', 2]))).toBe('["a",2]')
  expect(after(bankModel({ initial: { a: 1 } }), [])).toBe('{"a":1}')
})

test('a queue of more values than one character can number', () => {
  const model = queueModel()
  let state = model.init()
  for (let value = 0; value < 70_000; value += 1) {
    const [enqueue, dequeue] = inTurn([0, 'enqueue', value], [0, 'dequeue', undefined, value])
    state = model.step(state, enqueue!).state
    const taken = model.step(state, dequeue!)
    if (!taken.legal) throw new Error(`value ${value} is lost`)
    state = taken.state
  }
  expect(model.describe?.(state)).toBe('[]')
})

test('a set of more members than one character has bits', () => {
  const model = setModel()
  const [first] = inTurn([0, 'add', 'first'])
  const others = inTurn(...Array.from({ length: 40 }, (_, value) => [0, 'add', value] as const))
  const start = model.init()
  // The first value gets the first bit, and is added last.
  model.step(start, first!)
  const full = [...others, first!].reduce((state, add) => model.step(state, add).state, start)
  const everything = ['first', ...others.map(({ value }) => value)]
  const [all, less] = inTurn(
    [0, 'read', undefined, everything],
    [0, 'read', undefined, everything.slice(0, 40)],
  )
  expect(model.step(full, all!).legal).toBe(true)
  expect(model.step(full, less!).legal).toBe(false)
})

describe('what is no operation of a model', () => {
  test.each<readonly [string, Model<unknown>, Partial<Operation>, RegExp]>([
    ['another verb', queueModel(), { f: 'push' }, /'push': it has 'enqueue', 'dequeue'/],
    ['a verb that every object inherits', setModel(), { f: 'constructor' }, /'constructor'/],
    ['cas of a register without', modelByName('register'), { f: 'cas', value: [1, 2] }, /'cas'/],
    ['a swap that is no pair', registerModel(), { f: 'cas', value: [1] }, /a list of two/],
    ['a swap of nothing', registerModel(), { f: 'cas' }, /a list of two/],
    ['a null in a queue', queueModel(), { f: 'enqueue', value: null }, /other than null/],
    ['an amount that is no number', counterModel(), { f: 'inc', value: '1' }, /must be a number/],
    ['a token that is no number', mutexModel(), { f: 'acquire', result: 'seven' }, /fencing token/],
    ['a transfer of nothing', bankModel({ initial: { a: 1 } }), { f: 'transfer' }, /"amount"/],
    [
      'a transfer of less than nothing',
      bankModel({ initial: { a: 1 } }),
      { f: 'transfer', value: { from: 'a', to: 'a', amount: -1 } },
      /at least 0/,
    ],
    [
      'a strange account',
      bankModel({ initial: { a: 1 } }),
      { f: 'transfer', value: { from: 'a', to: 'toString', amount: 1 } },
      /'toString'/,
    ],
  ])('%s', (_, model, operation, reason) => {
    const [base] = inTurn([0, 'x'])
    expect(() => verdict(model, [{ ...base!, ...operation }])).toThrow(
      expect.objectContaining({
        code: 'TESTING_INVALID_HISTORY',
        message: expect.stringMatching(reason) as string,
      }),
    )
  })
})

describe('models by name', () => {
  test('each name has one, with an initial state of its own form', () => {
    const initial: Readonly<Record<string, unknown>> = {
      register: 1,
      'cas-register': 1,
      map: { x: 1 },
      queue: [1],
      set: [1],
      counter: 1,
      mutex: 1,
      bank: { a: 1 },
      'append-list': [1],
    }
    for (const name of modelNames) {
      expect(verdict(modelByName(name, initial[name]), [])).toBe('ok')
      expect(verdict(modelByName(name, null), [])).toBe('ok')
    }
    expect(modelNames).toHaveLength(9)
  })

  test.each<readonly [string, unknown]>([
    ['map', [1]],
    ['queue', {}],
    ['set', 'ab'],
    ['counter', '1'],
    ['mutex', 'a'],
    ['bank', { a: '1' }],
    ['bank', [1]],
    ['append-list', 1],
    ['toString', undefined],
  ])('%s cannot begin as %j', (name, initial) => {
    expect(() => modelByName(name, initial)).toThrow(
      expect.objectContaining({ code: 'TESTING_INVALID_OPTION' }),
    )
  })
})
