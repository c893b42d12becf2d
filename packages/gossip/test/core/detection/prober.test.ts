import { ByteReader } from '@colony/host'
import { describe, expect, it } from 'vitest'
import {
  readAck,
  readNack,
  readPing,
  readPingRequest,
  writeAck,
  writeNack,
  writePing,
  writePingRequest,
} from '../../../src/core/detection/probe-messages.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { news, OneCore, type SentSection } from '../one-core.ts'

const read = <Value>(section: SentSection | undefined, decode: (reader: ByteReader) => Value): Value =>
  decode(new ByteReader(section!.body))

/** A core that knows b … f, after its own first steps. */
function among(options: ConstructorParameters<typeof OneCore>[0] = {}): OneCore {
  const one = new OneCore(options)
  one.meet('b', 'c', 'd', 'e', 'f')
  one.sent = []
  return one
}

/** The next probe of its own: its target and number. */
function probed(one: OneCore): { target: string; sequence: number; at: number } {
  const ping = one.waitFor(TAGS.ping)
  return { target: ping.to, sequence: read(ping, readPing).sequence, at: one.now }
}

/** Answers probes until it is the turn of `target`. */
function probedTo(one: OneCore, target: string): { target: string; sequence: number; at: number } {
  for (;;) {
    const probe = probed(one)
    if (probe.target === target) return probe
    one.hear(probe.target, TAGS.ack, writeAck(probe.sequence, false, false))
  }
}

describe('probing', () => {
  it('pings everybody in turn, one an interval', () => {
    const one = among()
    const times: number[] = []
    const targets = new Set<string>()
    for (let count = 0; count < 5; count++) {
      const probe = probed(one)
      one.now += 2
      one.hear(probe.target, TAGS.ack, writeAck(probe.sequence, false, false))
      targets.add(probe.target)
      times.push(probe.at)
    }
    expect(targets.size).toBe(5)
    for (let count = 1; count < 5; count++) expect(times[count]! - times[count - 1]!).toBe(1_000)
    expect(one.core.counters).toMatchObject({ probes: 5, acks: 5, failedProbes: 0 })
  })

  it('asks three others and a stream when no answer comes, and never the target', () => {
    const one = among()
    const probe = probed(one)
    one.wait(499)
    expect(one.take(TAGS.pingRequest)).toBeUndefined()
    one.wait(1)
    const requests = one.sent.filter(({ tag }) => tag === TAGS.pingRequest)
    expect(requests.map(({ to }) => to)).not.toContain(probe.target)
    expect(new Set(requests.map(({ to }) => to)).size).toBe(3)
    const { sequence, target, patienceMs } = read(requests[0], readPingRequest)
    expect({ sequence, target, patienceMs }).toEqual({
      sequence: probe.sequence,
      target: probe.target,
      patienceMs: 400,
    })
    const stream = one.sent.find(({ tag, path }) => tag === TAGS.ping && path === 'stream')
    expect([stream?.to, read(stream, readPing).byStream]).toEqual([probe.target, true])
  })

  it('asks nobody for help who is suspect itself', () => {
    const one = among()
    for (const suspect of ['b', 'c', 'd', 'e'])
      one.hearNews('f', news(suspect, 'suspect', 0, { accuser: 'x' }))
    const probe = probedTo(one, 'b')
    one.wait(500)
    expect(one.sent.filter(({ tag }) => tag === TAGS.pingRequest).map(({ to }) => to)).toEqual(['f'])
    expect(probe.target).toBe('b')
  })

  it('suspects at the end of the interval, unless somebody or the stream brings an answer', () => {
    for (const answer of ['nobody', 'helper', 'stream', 'late'] as const) {
      const one = among()
      const probe = probed(one)
      one.wait(600)
      const helper = one.take(TAGS.pingRequest)!.to
      if (answer === 'helper') one.hear(helper, TAGS.ack, writeAck(probe.sequence, false, true))
      if (answer === 'stream') one.hear(probe.target, TAGS.ack, writeAck(probe.sequence, true, false))
      if (answer === 'late') one.hear(probe.target, TAGS.ack, writeAck(probe.sequence, false, false))
      one.wait(399)
      expect(one.status(probe.target)).toBe('alive')
      one.wait(1)
      expect([answer, one.status(probe.target)]).toEqual([answer, answer === 'nobody' ? 'suspect' : 'alive'])
    }
  })

  it('takes no answer from those whom it did not ask', () => {
    const one = among()
    const { target, sequence } = probed(one)
    one.wait(600)
    const helpers = one.sent.filter(({ tag }) => tag === TAGS.pingRequest).map(({ to }) => to)
    const stranger = ['b', 'c', 'd', 'e', 'f'].find((id) => id !== target && !helpers.includes(id))!
    one.hear(stranger, TAGS.ack, writeAck(sequence, false, true))
    one.hear(helpers[0]!, TAGS.ack, writeAck(sequence, false, false))
    one.hear(target, TAGS.ack, writeAck(sequence + 1, false, false))
    one.wait(400)
    expect(one.status(target)).toBe('suspect')
  })

  it('waits as long as a member usually takes, not for the longest time', () => {
    const one = among()
    for (let count = 0; count < 50; count++) {
      const probe = probed(one)
      one.now += 20
      one.hear(probe.target, TAGS.ack, writeAck(probe.sequence, false, false))
    }
    const probe = probed(one)
    one.waitFor(TAGS.pingRequest)
    expect(one.now - probe.at).toBe(50)
  })

  it('goes at once for whoever’s connection was ended', () => {
    const one = among()
    const first = probed(one)
    one.hear(first.target, TAGS.ack, writeAck(first.sequence, false, false))
    const closed = ['b', 'c', 'd', 'e', 'f'].find((id) => id !== first.target)!
    one.step({ type: 'peer-closed', peer: closed })
    one.step({ type: 'peer-closed', peer: 'stranger' })
    expect([probed(one).target, one.now]).toEqual([closed, first.at])
  })
})

describe('local health', () => {
  it('is moved by helpers that say nothing, not by those that got no answer either', () => {
    const one = among()
    const { sequence } = probed(one)
    one.wait(600)
    const helpers = one.sent.filter(({ tag }) => tag === TAGS.pingRequest).map(({ to }) => to)
    for (const helper of helpers) one.hear(helper, TAGS.nack, writeNack(sequence))
    one.hear(helpers[0]!, TAGS.nack, writeNack(sequence))
    one.wait(400)
    expect([one.core.health.score, one.core.counters.nacks, one.core.counters.failedProbes]).toEqual([
      0, 3, 1,
    ])
    one.sent = one.sent.filter(({ tag, path }) => tag === TAGS.ping && path === 'datagram')
    const second = probed(one)
    one.wait(600)
    const asked = one.sent.filter(({ tag }) => tag === TAGS.pingRequest).map(({ to }) => to)
    one.hear(asked[0]!, TAGS.nack, writeNack(second.sequence))
    one.wait(400)
    expect(one.core.health.score).toBe(asked.length - 1)
  })

  it('makes the interval and the time for an answer longer, and comes back with every answer', () => {
    const one = among()
    one.step({ type: 'stalled', ms: 100 })
    one.step({ type: 'stalled', ms: 10 })
    one.hearNews('b', news('me', 'suspect', 0, { accuser: 'b' }))
    expect([one.core.health.score, one.core.health.reasons.length]).toEqual([2, 2])
    const first = probed(one)
    one.sent = []
    one.wait(1_499)
    expect(one.take(TAGS.pingRequest)).toBeUndefined()
    one.wait(1)
    expect(one.take(TAGS.pingRequest)).toBeDefined()
    one.hear(first.target, TAGS.ack, writeAck(first.sequence, false, false))
    expect(one.core.health.score).toBe(1)
    one.sent = []
    const second = probed(one)
    expect(second.at - first.at).toBe(3_000)
    one.hear(second.target, TAGS.ack, writeAck(second.sequence, false, false))
    expect(probed(one).at - second.at).toBe(2_000)
    expect(one.events.filter(({ type }) => type === 'health')).toHaveLength(4)
  })

  it('does not move without Lifeguard', () => {
    const one = among({ lifeguard: { probe: false } })
    one.step({ type: 'stalled', ms: 1_000 })
    one.hearNews('b', news('me', 'suspect', 0, { accuser: 'b' }))
    one.wait(10_000)
    expect([one.core.health.score, one.core.counters.failedProbes > 5]).toEqual([0, true])
  })
})

describe('suspicion', () => {
  it('ends in failure after 24 s of 10 members without confirmation, and 4 s with two', () => {
    for (const confirmations of [0, 1, 2]) {
      const one = new OneCore()
      one.meet(...'bcdefghij')
      one.hearNews('b', news('j', 'suspect', 0, { accuser: 'b' }))
      const began = one.now
      for (const accuser of ['b', 'c', 'c', 'd'].slice(0, [0, 3, 4][confirmations])) {
        one.hearNews('b', news('j', 'suspect', 0, { accuser }))
      }
      // Its own probes stay unanswered too: nobody else is looked at here.
      for (let step = 0; step < 40_000 && one.status('j') !== 'failed'; step++) {
        one.wait(10)
        for (const { tag, to, body, path } of one.sent.splice(0)) {
          if (tag !== TAGS.ping) continue
          const { sequence } = readPing(new ByteReader(body))
          one.hear(to, TAGS.ack, writeAck(sequence, path === 'stream', false))
        }
      }
      const expected = [24_000, 24_000 - 20_000 * (Math.log(2) / Math.log(3)), 4_000][confirmations]!
      expect(Math.abs(one.now - began - expected)).toBeLessThan(20)
      expect(one.core.explain('j').at(-1)).toMatchObject({ status: 'failed', path: 'timeout', accuser: 'b' })
    }
  })

  it('tells confirmations on, as many as count', () => {
    const one = new OneCore()
    one.meet(...'bcdefghij')
    one.wait(5_000)
    one.hearNews('b', news('j', 'suspect', 0, { accuser: 'b' }))
    one.sent = []
    one.hearNews('c', news('j', 'suspect', 0, { accuser: 'c' }))
    expect(one.core.backlogBytes).toBeGreaterThan(0)
    expect(one.core.explain('j').at(-1)?.status).toBe('suspect')
  })

  it('is told to the suspect by the ping itself', () => {
    for (const buddy of [true, false]) {
      const one = among({ lifeguard: { buddy } })
      one.hearNews('c', news('b', 'suspect', 0, { accuser: 'c' }))
      let ping = one.waitFor(TAGS.ping)
      while (ping.to !== 'b') {
        one.hear(ping.to, TAGS.ack, writeAck(read(ping, readPing).sequence, false, false))
        ping = one.waitFor(TAGS.ping)
      }
      expect(read(ping, readPing)).toMatchObject({ suspected: buddy, incarnation: { epoch: 1, counter: 0 } })
    }
  })

  it('does not run while the process stands still', () => {
    const one = among()
    one.hearNews('b', news('f', 'failed', 0, { accuser: 'b' }), news('e', 'suspect', 0, { accuser: 'b' }))
    one.now += 60_000
    one.step({ type: 'stalled', ms: 60_000 })
    one.step({ type: 'tick' })
    expect([one.status('e'), one.status('f')]).toEqual(['suspect', 'failed'])
  })

  it('by somebody in quarantine begins only when this node got no answer itself', () => {
    const one = among()
    for (let counter = 0; counter < 3; counter++) {
      one.hearNews('b', news('f', 'suspect', counter, { accuser: 'b' }))
      one.hearNews('f', news('f', 'alive', counter + 1))
    }
    one.sent = []
    one.hearNews('b', news('e', 'suspect', 0, { accuser: 'b' }))
    expect([one.status('e'), one.core.drops]).toEqual(['alive', { 'accuser-in-quarantine': 1 }])
    expect(probed(one).target).toBe('e')
    one.wait(1_000)
    expect(one.core.explain('e').at(-1)).toMatchObject({ status: 'suspect', accuser: 'me', path: 'stream' })
  })
})

describe('answering', () => {
  const ping = (counter: number, suspected = false, byStream = false, epoch = 1): Uint8Array =>
    writePing(77, epoch, counter, suspected, byStream)

  it('gives the number back, the way it came, to anybody', () => {
    const one = new OneCore()
    one.hear('b', TAGS.ping, ping(0))
    one.hear('b', TAGS.ping, ping(0, false, true))
    const acks = one.sent.filter(({ tag }) => tag === TAGS.ack)
    expect(acks.map(({ to, path }) => [to, path])).toEqual([
      ['b', 'datagram'],
      ['b', 'stream'],
    ])
    expect(read(acks[1], readAck)).toEqual({ sequence: 77, byStream: true, byHelper: false })
  })

  it('refutes the suspicion that a ping carries, and corrects who knows an old word', () => {
    const one = among()
    one.hear('b', TAGS.ping, ping(0, true))
    expect(one.core.member('me')?.incarnation).toEqual({ epoch: 1, counter: 1 })
    one.sent = []
    one.hear('c', TAGS.ping, ping(0, true))
    expect([one.core.counters.refutations, one.take(TAGS.updates, 'c') !== undefined]).toEqual([1, true])
    one.wait(5_000)
    expect(one.core.backlogBytes).toBe(0)
    one.sent = []
    one.hear('c', TAGS.ping, ping(1))
    expect(one.take(TAGS.updates, 'c')).toBeUndefined()
  })
})

describe('helping', () => {
  const request = (target: string, patienceMs = 400): Uint8Array =>
    writePingRequest({ sequence: 99, target, patienceMs })

  it('passes the answer on under the number of who asked', () => {
    const one = among()
    one.hear('b', TAGS.pingRequest, request('c'))
    const own = read(one.take(TAGS.ping, 'c'), readPing).sequence
    one.hear('d', TAGS.ack, writeAck(own, false, false))
    expect(one.take(TAGS.ack)).toBeUndefined()
    one.hear('c', TAGS.ack, writeAck(own, false, false))
    expect(read(one.take(TAGS.ack, 'b'), readAck)).toEqual({ sequence: 99, byStream: false, byHelper: true })
    one.wait(1_000)
    expect(one.take(TAGS.nack, 'b')).toBeUndefined()
  })

  it('says in time that there was none', () => {
    const one = among()
    one.hear('b', TAGS.pingRequest, request('c'))
    one.wait(399)
    expect(one.take(TAGS.nack, 'b')).toBeUndefined()
    one.wait(1)
    expect(read(one.take(TAGS.nack, 'b'), readNack)).toBe(99)
  })

  it('says so at once of somebody it does not know, and helps a bounded number', () => {
    const one = among()
    one.hear('b', TAGS.pingRequest, request('stranger'))
    expect(one.take(TAGS.nack, 'b')).toBeDefined()
    for (let count = 0; count < 300; count++) one.hear('b', TAGS.pingRequest, request('c', 600_000))
    expect(one.core.drops['too-many-ping-requests']).toBe(44)
  })
})
