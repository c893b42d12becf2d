import { FormatUpgrade } from './format-upgrade.ts'
import { LogClock } from './log-clock.ts'
import type { AnyMachine } from './machine.ts'
import type { DriverControl } from './driver-parts.ts'
import type { ResolvedOptions } from './raft-options.ts'
import { RememberedState } from './remembered.ts'

/** What a node does about log time: remembers what the log says, states it while it leads, and sees that everybody understands that. */
export class LogTime {
  /** What is remembered beside the machine. */
  readonly state: RememberedState
  readonly upgrade: FormatUpgrade
  readonly #clock: LogClock
  readonly #prepares: boolean

  constructor(
    driver: DriverControl,
    {
      host,
      machine,
      rememberLimits: limits,
      sessions,
    }: Pick<ResolvedOptions<AnyMachine>, 'host' | 'machine' | 'rememberLimits' | 'sessions'>,
  ) {
    const usesTime = machine.usesTime === true
    this.#prepares = usesTime || sessions !== undefined
    this.state = new RememberedState(() => this.#clock.onTime())
    this.#clock = new LogClock({
      ...{ state: this.state, limits, usesTime },
      now: () => host.clock.now(),
      want: () => this.upgrade.want(),
    })
    this.upgrade = new FormatUpgrade({
      route: driver,
      members: () => {
        const { voters, outgoing, learners } = driver.core.membership.membership
        return [...voters, ...outgoing, ...learners]
      },
      isDone: () => this.state.isTimed,
      isLasting: this.#prepares,
      append: () => {
        if (driver.core.transferTarget !== undefined) return false
        const data = [this.#clock.firstEntry()]
        return driver.step({ type: 'propose', kind: 'command', data }).appendedAt > 0
      },
    })
  }

  /** On the leader: the clock entry that has to stand before these, if any. */
  entryBefore(proposals: readonly { readonly data: Uint8Array }[], now: number): Uint8Array | undefined {
    return this.#clock.entryBefore(proposals, now)
  }

  /** Role, term or leader changed. */
  onChange(): void {
    this.#clock.onChange()
    this.upgrade.onChange()
    if (this.#prepares && !this.state.isTimed) this.upgrade.want()
  }
}
