import { ByteWriter } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { writeAck, writePing } from '../../../src/core/detection/probe-messages.ts'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { CoreInput } from '../../../src/core/input.ts'
import type { Member, MemberStatus, Verdict } from '../../../src/core/members/member.ts'
import { PacketHead } from '../../../src/core/wire/packet-head.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import type { RuleName } from './facts.ts'
import { ForgettingRules } from './forgetting.ts'
import { Found } from './found.ts'
import { ProbeRules } from './probes.ts'
import { SelfRules } from './self.ts'
import { VerdictRules } from './verdicts.ts'

const CLUSTER = 'c1'
const NOTHING = { sends: [], events: [], deadline: 0, refused: undefined } as const

function member(counter: number, status: MemberStatus): Member {
  return { id: 'b', address: 'b', zone: '', incarnation: { epoch: 5, counter }, status }
}

describe('the time of suspects', () => {
  /** What `a` thinks of `b`, and when. */
  type Change = readonly [at: number, member: Member, path?: Verdict['path']]

  const broken = (...changes: readonly Change[]): RuleName[] => {
    const found = new Found()
    const rule = new VerdictRules(found, 400)
    let before: Member | undefined
    for (const [at, after, path = 'gossip'] of changes) {
      rule.onChange({ observer: 'a', id: 'b', before, after, why: { at, path } as Verdict })
      before = after
    }
    return found.rules
  }
  const rule: RuleName = 'suspects have their time'

  it('allows a verdict after it, and one that others have come to', () => {
    expect(broken([0, member(1, 'suspect')], [400, member(1, 'failed'), 'timeout'])).toEqual([])
    expect(broken([0, member(1, 'suspect')], [10, member(1, 'failed')])).toEqual([])
  })

  it('sees a verdict before it, and begins it anew with every word', () => {
    expect(broken([0, member(1, 'suspect')], [300, member(1, 'failed'), 'timeout'])).toEqual([rule])
    expect(
      broken([0, member(1, 'suspect')], [300, member(2, 'suspect')], [500, member(2, 'failed'), 'timeout']),
    ).toEqual([rule])
  })

  it('sees a verdict on one that was no suspect, or is none any more', () => {
    expect(broken([0, member(1, 'alive')], [900, member(1, 'failed'), 'timeout'])).toEqual([rule])
    expect(
      broken([0, member(1, 'suspect')], [10, member(2, 'alive')], [900, member(2, 'failed'), 'timeout']),
    ).toEqual([rule])
  })
})

describe('who has left', () => {
  it('says no more', () => {
    const found = new Found()
    const rule = new SelfRules(found)
    rule.onBoot('b')
    rule.onChange({ observer: 'b', id: 'b', before: member(1, 'alive'), after: member(2, 'left') })
    rule.onChange({ observer: 'a', id: 'b', before: member(1, 'left'), after: member(2, 'left') })
    expect(found.rules).toEqual([])
    rule.onChange({ observer: 'b', id: 'b', before: member(2, 'left'), after: member(3, 'left') })
    expect(found.rules).toEqual(['who left says no more'])
  })
})

describe('the rule of forgetting', () => {
  /** `a` takes `b` for this, then forgets it. */
  const broken = (forgetAt: number, ...changes: readonly (readonly [at: number, Member])[]): RuleName[] => {
    const found = new Found()
    const rule = new ForgettingRules(found, 1000)
    const pass = (now: number): void =>
      rule.onInput('a', {} as GossipCore, { now, input: { type: 'tick' }, outputs: NOTHING })
    let before: Member | undefined
    for (const [at, after] of changes) {
      rule.onChange({ observer: 'a', id: 'b', before, after, why: { at } as Verdict })
      pass(at)
      before = after
    }
    rule.onChange({ observer: 'a', id: 'b', before, after: undefined })
    pass(forgetAt)
    return found.rules
  }
  const rule: RuleName = 'the gone are remembered for their time'

  it('allows it after that time, counted anew for who was back meanwhile', () => {
    expect(broken(1000, [0, member(1, 'failed')])).toEqual([])
    expect(broken(1500, [0, member(1, 'failed')], [400, member(1, 'left')])).toEqual([])
    expect(
      broken(1500, [0, member(1, 'failed')], [400, member(2, 'alive')], [500, member(2, 'failed')]),
    ).toEqual([])
  })

  it('sees it before, and of one who is there', () => {
    expect(broken(900, [0, member(1, 'failed')])).toEqual([rule])
    expect(broken(1100, [0, member(1, 'failed')], [400, member(1, 'left')])).toEqual([rule])
    expect(broken(1100, [0, member(1, 'failed')], [400, member(2, 'alive')])).toEqual([rule])
  })
})

describe('the rule of probes', () => {
  const packet = (tag: number, body: Uint8Array): Uint8Array => {
    const writer = new ByteWriter()
    new PacketHead(CLUSTER).write(writer)
    writer.u8(tag)
    writer.bytes(body)
    return writer.finish().slice()
  }
  const ack = (sequence: number, byHelper = false): Uint8Array =>
    packet(TAGS.ack, writeAck(sequence, false, byHelper))

  /** `a` pings `b` under 7 and then `c` under 8; then this answer comes and is counted. */
  const broken = (from: string, bytes: Uint8Array): RuleName[] => {
    const found = new Found()
    const rule = new ProbeRules(found, CLUSTER)
    rule.onBoot('a')
    const step = (probes: number, acks: number, input: CoreInput, to?: string): void => {
      const ping = packet(TAGS.ping, writePing(6 + probes, 1, 0, false, false))
      const sends = to === undefined ? [] : [{ to, bytes: ping, path: 'datagram' as const }]
      const outputs = { sends, events: [], deadline: 0, refused: undefined }
      rule.onInput('a', { counters: { probes, acks } } as GossipCore, { now: 0, input, outputs })
    }
    step(1, 0, { type: 'tick' }, 'b')
    step(2, 0, { type: 'tick' }, 'c')
    step(2, 1, { type: 'packet', from, bytes, path: 'datagram' })
    return found.rules
  }

  it('allows an answer of the member, and one that a helper passes on', () => {
    expect(broken('c', ack(8))).toEqual([])
    expect(broken('b', ack(8, true))).toEqual([])
  })

  it('sees an answer to an earlier probe, and one of somebody else', () => {
    const rule: RuleName = 'probes are answered by their own answers'
    expect(broken('b', ack(7))).toEqual([rule])
    expect(broken('c', ack(7))).toEqual([rule])
    expect(broken('b', ack(8))).toEqual([rule])
  })
})
