import { encodeMessage } from '../wire/message-writer.ts'
import type { PushPull, StreamMessage } from '../wire/messages.ts'
import type { MemberlistContext, Timed } from './context.ts'
import type { Membership } from './membership.ts'
import { pushPullInterval } from './timing.ts'

/** Exchanges everything with somebody now and then: repairs what gossip missed. */
export class Exchanging implements Timed {
  readonly #context: MemberlistContext
  readonly #membership: Membership
  #next: number

  constructor(context: MemberlistContext, membership: Membership) {
    this.#context = context
    this.#membership = membership
    const { now, random, timing } = context
    this.#next = now + (0.5 + random.float() / 2) * timing.pushPullIntervalMs
  }

  get deadline(): number {
    return this.#next
  }

  tick(): void {
    const { now, timing, members, self } = this.#context
    this.#next = now + pushPullInterval(timing, members.size)
    const [other] = members.pick(1, (record) => record.name !== self && record.state === 'alive')
    if (other !== undefined) this.start(other.endpoint, false)
  }

  /** Exchanges everything with whoever is at `to`; `settled` says whether that succeeded. */
  start(to: string, join: boolean, settled: (succeeded: boolean) => void = () => {}): void {
    const { timing } = this.#context
    this.#context.exchange(to, encodeMessage(this.#state(join)), timing.streamTimeoutMs, (answer) => {
      settled(this.#settle(answer, join))
    })
  }

  /** Somebody began an exchange: the answer to it. It is made before anything of his is taken in, so that both see what the other had. */
  answer(message: PushPull): Uint8Array {
    const bytes = encodeMessage(this.#state(message.join))
    // That somebody joins here does not make this node one that has just joined.
    this.#merge(message, false)
    return bytes
  }

  #settle(answer: StreamMessage | undefined, join: boolean): boolean {
    if (answer?.type === 'pushPull') return this.#merge(answer, join)
    this.#context.count(answer?.type === 'error' ? 'exchange-refused' : 'exchange-failed')
    return false
  }

  #merge(message: PushPull, join: boolean): boolean {
    if (!this.#membership.merge(message.nodes)) return false
    if (message.userState.length > 0) this.#context.delegate.mergeState(message.userState, join)
    return true
  }

  #state(join: boolean): PushPull {
    const userState = this.#context.delegate.localState(join)
    return { type: 'pushPull', join, nodes: this.#membership.snapshot(), userState }
  }
}
