import type { RingNode } from '../src/index.ts'
import type { MemberEvent, MemberEventType } from '../src/membership/events.ts'
import type { TrackOptions } from '../src/membership/options.ts'
import { trackMembers, type MemberTracker, type RingChange } from '../src/tracker.ts'
import { FakeClock } from './fake-clock.ts'

export interface Meta {
  readonly role?: string
  readonly weight?: number
  readonly url?: string
}

export interface Server extends RingNode {
  readonly url?: string
}

export type Event = MemberEvent<Meta>

export interface Followed {
  readonly tracker: MemberTracker<Server, Meta>
  readonly clock: FakeClock
  readonly changes: RingChange<Server>[]
  readonly errors: { readonly message: string; readonly origin: string }[]
  readonly say: (type: MemberEventType, id: string, more?: Partial<Event>) => void
  readonly stopped: () => number
}

export function follow(options: Partial<TrackOptions<Meta, Server>> = {}): Followed {
  const clock = new FakeClock()
  const changes: RingChange<Server>[] = []
  const errors: { message: string; origin: string }[] = []
  let listener: (event: Event) => void = () => {}
  let stops = 0
  const tracker = trackMembers<Server, Meta>(
    (call) => {
      listener = call
      return () => void stops++
    },
    {
      toNode: ({ id, meta }) =>
        meta?.role === 'client'
          ? undefined
          : {
              id,
              ...(meta?.weight === undefined ? {} : { weight: meta.weight }),
              ...(meta?.url === undefined ? {} : { url: meta.url }),
            },
      onError: (error, origin) => errors.push({ message: String(error), origin }),
      clock,
      ...options,
    },
  )
  tracker.onChange((change) => changes.push(change))
  const say = (type: MemberEventType, id: string, more: Partial<Event> = {}): void =>
    listener({ type, id, ...more })
  return { tracker, clock, changes, errors, say, stopped: () => stops }
}

export function ids({ ring }: { readonly ring: { readonly nodes: readonly RingNode[] } }): string {
  return ring.nodes.map(({ id }) => id).join('')
}
