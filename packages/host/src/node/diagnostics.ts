import { type Channel, channel } from 'node:diagnostics_channel'
import type { ObservedEvent, Observer } from '../observer.ts'

/** Before the type of an event: its diagnostics channel. */
const PREFIX = 'colony:'

/**
 * An observer that publishes every event on the channel `colony:<type>` of `node:diagnostics_channel`, and then hands it to `next`. {@link nodeHost} puts it in front of its
 * `observer` by itself; what has an observer of its own (`fileStorage`) can be given one. Costs a look at the channel where nobody has subscribed.
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * subscribe('colony:raft.leader', (event) => console.log(event))
 * ```
 * @category Observability
 */
export function diagnosticsObserver(next?: Observer): Observer {
  const channels = new Map<string, Channel>()
  return (event: ObservedEvent): void => {
    let named = channels.get(event.type)
    if (named === undefined) {
      named = channel(`${PREFIX}${event.type}`)
      channels.set(event.type, named)
    }
    if (named.hasSubscribers) named.publish(event)
    next?.(event)
  }
}
