import { ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { LamportClock } from '../../../src/core/dissemination/lamport-clock.ts'
import { writeAnswer } from '../../../src/core/dissemination/query-item.ts'
import { Queries } from '../../../src/core/dissemination/queries.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { deliver, FakeContext, type Sent } from '../fake-context.ts'

const payload = (text: string): Uint8Array => new TextEncoder().encode(text)
const peers = ['a', 'b', 'c', 'd']

interface Node {
  readonly self: string
  readonly context: FakeContext
  readonly queries: Queries
}

function node(self: string, all: readonly string[] = peers): Node {
  const context = new FakeContext(
    self,
    all.filter((peer) => peer !== self),
  )
  return { self, context, queries: new Queries(context, new LamportClock(), 7) }
}

function written({ queries }: Node): Uint8Array {
  const writer = new ByteWriter()
  queries.write(writer, 1000)
  return writer.finish()
}

/** Carries all that was sent between the nodes until nothing is sent; `lost` says what is not. */
function carry(nodes: readonly Node[], lost: (from: string, sent: Sent) => boolean = () => false): void {
  for (let quiet = false; !quiet;) {
    quiet = true
    for (const { self, context } of nodes) {
      for (const sent of context.takeSent()) {
        const target = nodes.find((candidate) => candidate.self === sent.to)
        if (target === undefined || lost(self, sent)) continue
        quiet = false
        deliver(sent.tag === TAGS.queries ? target.queries : target.queries.answers, sent.body, self)
      }
    }
  }
}

/** Lets all parts of all nodes run for a while, in small steps. */
function run(nodes: readonly Node[], ms: number, lost?: (from: string, sent: Sent) => boolean): void {
  for (let step = 0; step < ms; step += 50) {
    for (const { context, queries } of nodes) context.run(context.now + 50, queries, queries.answers)
    carry(nodes, lost)
  }
}

function answerAll(nodes: readonly Node[]): void {
  for (const { context, queries, self } of nodes) {
    for (const event of context.takeEvents()) {
      if (event.type === 'query') queries.answers.answer(event.from, event.question, payload(`by ${self}`))
    }
  }
}

describe('questions to all', () => {
  it('reach everybody once, and the answers come straight back, then the end', () => {
    const nodes = peers.map((self) => node(self))
    const [a, ...others] = nodes as [Node, ...Node[]]
    expect(a.queries.ask(9, 'load', payload('?'), { timeoutMs: 5000 })).toBeUndefined()
    const bytes = written(a)
    for (const other of others) for (const from of ['a', 'b']) deliver(other.queries, bytes, from)
    expect(others[0]?.context.events).toEqual([
      { type: 'query', from: 'a', question: 1, topic: 'load', payload: payload('?'), lamport: 1 },
    ])
    expect(others[0]?.queries.backlog).toBeGreaterThan(0)
    answerAll(others)
    run(nodes, 300)
    const answers = a.context.takeEvents()
    expect(answers.length).toBe(4)
    for (const id of ['b', 'c', 'd']) {
      expect(answers).toContainEqual({ type: 'answer', question: 9, from: id, payload: payload(`by ${id}`) })
    }
    expect(answers.at(-1)).toEqual({ type: 'answer', question: 9 })
  })

  it('end at the deadline when somebody is silent', () => {
    const nodes = peers.map((self) => node(self))
    const [a, ...others] = nodes as [Node, ...Node[]]
    a.queries.ask(9, 'load', payload('?'), { timeoutMs: 2000 })
    const bytes = written(a)
    for (const other of others) deliver(other.queries, bytes, 'a')
    answerAll(others.slice(1))
    run(nodes, 1900)
    expect(a.context.events.length).toBe(2)
    run(nodes, 200)
    expect(a.context.events.at(-1)).toEqual({ type: 'answer', question: 9 })
    // Too late: counted, not sent.
    others[0]?.queries.answers.answer('a', 1, payload('late'))
    expect(others[0]?.context.drops).toEqual(['late-answer'])
    expect(a.queries.deadline).toBe(Infinity)
  })

  it('are answered through another member when the direct way is broken', () => {
    const nodes = ['a', 'b', 'c'].map((self) => node(self, ['a', 'b', 'c']))
    const [a, b, c] = nodes as [Node, Node, Node]
    a.queries.ask(9, 'load', payload('?'), { timeoutMs: 5000 })
    const bytes = written(a)
    deliver(b.queries, bytes, 'c')
    deliver(c.queries, bytes, 'a')
    answerAll([b, c])
    const broken = (from: string, { to }: Sent): boolean =>
      (from === 'b' && to === 'a') || (from === 'a' && to === 'b')
    run(nodes, 3000, broken)
    const from = a.context.events.map((event) => event.type === 'answer' && event.from)
    // Once each, though the answer of b came twice.
    expect(from).toEqual(['c', 'b', undefined])
  })

  it('and their answers survive the loss of half of the packets', () => {
    const random = createRandom('loss')
    let complete = 0
    for (let trial = 0; trial < 20; trial++) {
      const nodes = peers.map((self) => node(self))
      const [a, ...others] = nodes as [Node, ...Node[]]
      a.queries.ask(9, 'load', payload('?'), { timeoutMs: 5000 })
      const bytes = written(a)
      for (const other of others) deliver(other.queries, bytes, 'a')
      answerAll(others)
      run(nodes, 4000, () => random.float() < 0.5)
      if (a.context.events.length === 4) complete++
    }
    // A member's answer is lost when all of five ways fail (two of them of two hops): in 6 % of trials; three members answer.
    expect(complete).toBeGreaterThanOrEqual(13)
  })
})

describe('questions to some', () => {
  it('go to those alone, again while they are silent, and end when all have answered', () => {
    const nodes = peers.map((self) => node(self))
    const [a, b, c] = nodes as [Node, Node, Node]
    a.queries.ask(9, 'load', payload('?'), { to: ['b', 'c', 'a'], timeoutMs: 10_000 })
    expect(a.context.sent.map(({ to }) => to)).toEqual(['b', 'c'])
    expect(a.queries.backlog).toBe(0)
    // All that a sends to c in the first half second is lost.
    carry(nodes, (from, { to }) => from === 'a' && to === 'c')
    answerAll([b])
    run(nodes, 1200)
    answerAll([c])
    run(nodes, 400)
    expect(a.context.events.map((event) => event.type === 'answer' && event.from)).toEqual([
      'b',
      'c',
      undefined,
    ])
    expect(c.queries.backlog).toBe(0)
  })

  it('repeat a handful of times, not for as long as they may', () => {
    const a = node('a')
    a.queries.ask(9, 'load', payload('?'), { to: ['b'], timeoutMs: 600_000 })
    a.context.run(a.context.now + 600_000, a.queries)
    expect(a.context.sent.length).toBeLessThan(15)
    expect(a.context.sent.length).toBeGreaterThan(5)
  })

  it('do not wait for who is not there', () => {
    const a = node('a')
    a.queries.ask(9, 'load', payload('?'), { to: ['nobody'], timeoutMs: 10_000 })
    a.context.run(a.context.now, a.queries)
    expect(a.context.events).toEqual([{ type: 'answer', question: 9 }])
  })
})

describe('limits', () => {
  it('refuse what is too large or too many', () => {
    const a = node('a')
    expect(a.queries.ask(1, 't', new Uint8Array(1025), { timeoutMs: 1000 })).toBe('too-large')
    let accepted = 0
    while (a.queries.ask(1, 't', payload('?'), { timeoutMs: 1000 }) === undefined) accepted++
    expect(accepted).toBe(64)
    expect(a.queries.ask(1, 't', payload('?'), { timeoutMs: 1000 })).toBe('queue-full')
    expect(a.queries.answers.answer('b', 1, new Uint8Array(1025))).toBe('too-large')
  })

  it('refuse questions of a node that has left', () => {
    const a = node('a')
    a.context.members.set('a', 'left')
    expect(a.queries.ask(1, 't', payload('?'), { timeoutMs: 1000 })).toBe('left')
  })

  it('bound how many questions are taken a second', () => {
    const b = node('b')
    for (let asker = 0; asker < 200; asker++) {
      const other = node(`x${asker}`)
      other.queries.ask(1, 't', payload('?'), { timeoutMs: 1000 })
      deliver(b.queries, written(other), 'c')
    }
    expect(b.context.events.length).toBe(64)
    expect(b.context.drops.length).toBe(136)
  })

  it('let answers be passed on once: by whom the answerer itself asked to', () => {
    const c = node('c')
    const writer = new ByteWriter()
    const answer = {
      kind: 'answer',
      asker: 'a',
      epoch: 7,
      sequence: 1,
      answerer: 'b',
      payload: payload('!'),
    } as const
    writeAnswer(writer, answer)
    const body = writer.finish()
    deliver(c.queries.answers, body, 'd')
    expect(c.context.sent).toEqual([])
    deliver(c.queries.answers, body, 'b')
    expect(c.context.sent.map(({ to }) => to)).toEqual(['a'])
  })

  it('hold against 50,000 mutations', () => {
    const a = node('a')
    a.queries.ask(1, 'topic', payload('question'), { timeoutMs: 1000 })
    const template = written(a)
    const random = createRandom('query-fuzz')
    const b = node('b')
    for (let round = 0; round < 50_000; round++) {
      const bytes = template.slice(0, random.integer(1, template.length))
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      deliver(b.queries, bytes, 'c')
      deliver(b.queries.answers, bytes, 'c')
      b.context.now += 1
    }
    expect(b.context.drops.length).toBeGreaterThan(10_000)
  })
})
