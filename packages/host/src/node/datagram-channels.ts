import type { Channel } from '../core/identity.ts'
import { invalidHostOption } from '../core/validate.ts'
import type { FrameHandler } from '../transport.ts'

/** A channel that somebody receives. */
export interface DatagramChannel {
  readonly channel: Channel
  readonly handler: FrameHandler
}

/** Who receives which channel, by what stands for its name in a datagram. */
export class DatagramChannels {
  readonly #channels = new Map<number, DatagramChannel>()

  /**
   * Gives a channel its handler. That the name is possible, and has no handler yet, was checked.
   * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` when another channel has the same hash: about one pair of names in 10^12.
   */
  add(tag: number, channel: Channel, handler: FrameHandler): Disposable {
    const other = this.#channels.get(tag)
    if (other !== undefined) {
      throw invalidHostOption(
        `channel '${channel}' cannot be told from '${other.channel}' in a datagram: give one of them another name`,
      )
    }
    const entry: DatagramChannel = { channel, handler }
    this.#channels.set(tag, entry)
    return {
      [Symbol.dispose]: () => {
        if (this.#channels.get(tag) === entry) this.#channels.delete(tag)
      },
    }
  }

  /** The channel that `tag` stands for. */
  get(tag: number): DatagramChannel | undefined {
    return this.#channels.get(tag)
  }
}
