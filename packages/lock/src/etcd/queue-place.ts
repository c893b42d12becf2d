/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { Grant, GrantRequest, NotGranted } from '../backend.ts'
import { withDeadline } from './deadline.ts'
import {
  type EtcdClient,
  type EtcdCompare,
  EtcdError,
  type EtcdOperation,
  type EtcdPut,
  type EtcdTxnReply,
  NOT_FOUND,
} from './etcd-client.ts'
import { entriesOf, type Layout, placeValue, type Standing, standing } from './layout.ts'
import type { Session, SessionUser } from './session.ts'
import type { Sessions } from './sessions.ts'
import type { Watches } from './watches.ts'
import { whyRefused } from './why-refused.ts'

/** What all requests of one backend share. */
export interface EtcdParts {
  readonly client: EtcdClient
  readonly clock: Clock
  readonly timeoutMs: number
  readonly layout: Layout
  readonly sessions: Sessions
  readonly watches: Watches
}

/** Places in the queues of all keys of one request, all of them of one transaction. */
export interface Places {
  readonly session: Session
  /** Keys of etcd, in the order of the claims. */
  readonly names: readonly string[]
  /** At which they were made: by this the queues are in order, and it is the fencing token. */
  readonly revision: number
}

/** A lock whose places are the first ones. */
export interface GrantedPlaces extends Grant {
  /** Gives it back: it came when nobody waited for it any more. */
  abandon(): void
}

const BUSY: NotGranted = { refused: 'busy' }
/** How often somebody tries to line up whose lease has ended, or where those that were in its way have gone meanwhile. */
const MOST_WRITES = 3

/** The wait of one request: in the queues of all its keys at once, each in the same order, so that nobody waits in a circle. */
export class QueuePlace implements SessionUser {
  readonly #parts: EtcdParts
  readonly #request: GrantRequest
  readonly #granted: (places: Places, startedAt: number) => GrantedPlaces
  #places: Places | undefined
  #lock: GrantedPlaces | undefined
  #waits: Disposable[] = []
  #wake: () => void = ignore

  /** `granted` makes the lock. The session is told of the lock from then on, not of this. */
  constructor(
    parts: EtcdParts,
    request: GrantRequest,
    granted: (places: Places, startedAt: number) => GrantedPlaces,
  ) {
    this.#parts = parts
    this.#request = request
    this.#granted = granted
  }

  /** Lines up, or looks whether it is first. */
  async ask(): Promise<Grant | NotGranted> {
    this.#stopWaiting()
    const places = this.#places
    if (places === undefined) return await this.#lineUp()
    try {
      return await this.#look(places)
    } catch (error) {
      // A look changes nothing, and the places are worth waiting for as long as they are there: the next look may be answered.
      if (places === this.#places && places.session.isCovered) return BUSY
      throw error
    }
  }

  onWake(wake: () => void): Disposable {
    this.#wake = wake
    return { [Symbol.dispose]: () => this.#stopWaiting() }
  }

  /** Gives up the places, and what came of them if that came too late. */
  leave(): void {
    this.#stopWaiting()
    if (this.#lock !== undefined) return this.#lock.abandon()
    const places = this.#places
    this.#places = undefined
    if (places === undefined) return
    giveBack(places)
    places.session.detach(this)
  }

  /** The places are gone with their lease: the next look finds that out, and lines up again. */
  sessionLost(): void {
    this.#wake()
  }

  async #lineUp(): Promise<Grant | NotGranted> {
    const { sessions, clock } = this.#parts
    for (let attempt = 1; ; attempt++) {
      const session = await sessions.covering(this.#request.ttlMs)
      const names = this.#namesOn(session)
      const sentAt = clock.now()
      session.attach(this)
      try {
        const reply = await this.#write(session, names)
        if (reply.succeeded) {
          const places: Places = { session, names, revision: reply.revision }
          this.#places = places
          return await this.#withdrawIfRefused(this.#judge(places, reply, sentAt))
        }
      } catch (error) {
        const isGone = error instanceof EtcdError && error.code === NOT_FOUND
        this.#writeFailed(session, names, isGone)
        if (!isGone || attempt >= MOST_WRITES) throw error
        continue
      }
      session.detach(this)
      const refusal = await whyRefused(this.#parts, this.#request)
      if (refusal !== undefined) return refusal
      if (attempt >= MOST_WRITES) return BUSY
    }
  }

  /** Who does not wait is gone when it is told so: its places are in nobody's way who asks then. */
  async #withdrawIfRefused(answer: Grant | NotGranted): Promise<Grant | NotGranted> {
    const places = this.#places
    if (!('refused' in answer) || places === undefined) return answer
    if (this.#request.waitMs > 0) return answer
    this.#places = undefined
    places.session.detach(this)
    await places.session.delete(places.names).catch(ignore)
    return answer
  }

  #namesOn(session: Session): readonly string[] {
    const id = session.nextName()
    return this.#request.claims.map((claim) => this.#parts.layout.place(claim, id))
  }

  /** Reads who is there before it lines up, in one step, and does so only where nobody says another number of permits. Who does not want to wait lines up only where nobody is in its way. */
  async #write(session: Session, names: readonly string[]): Promise<EtcdTxnReply> {
    const { claims, waitMs } = this.#request
    const { layout } = this.#parts
    const reads = claims.map((claim) => layout.before(claim))
    const puts = claims.map((claim, index): EtcdPut => ({
      type: 'put',
      key: names[index] ?? '',
      value: placeValue(claim),
      lease: session.lease,
    }))
    const empty = claims.flatMap((claim) =>
      waitMs === 0 && claim.limit === 1 ? layout.inTheWay(claim) : layout.unfit(claim),
    )
    return await this.#txn(empty.map(isEmpty), [...reads, ...puts])
  }

  /** After an answer that was no answer, the places may come into being even later: they must not be on a lease that others keep alive. */
  #writeFailed(session: Session, names: readonly string[], isGone: boolean): void {
    if (isGone) {
      session.detach(this)
      return session.lost()
    }
    session.retire()
    giveBack({ session, names, revision: 0 })
    session.detach(this)
  }

  /** A lock is granted only by a look at the own places: they may be gone, and others be where they were. */
  async #look(places: Places): Promise<Grant | NotGranted> {
    const { layout, clock } = this.#parts
    const { session, names, revision } = places
    if (await session.cover(this.#request.ttlMs)) {
      const sentAt = clock.now()
      const compare = names.map((key): EtcdCompare => ({ key, target: 'create', revision }))
      const reads = this.#request.claims.map((claim) => layout.before(claim, revision))
      const reply = await this.#txn(compare, reads)
      if (reply.succeeded) return this.#judge(places, reply, sentAt)
    }
    this.leave()
    return await this.#lineUp()
  }

  #judge(places: Places, { results, revision }: EtcdTxnReply, sentAt: number): Grant | NotGranted {
    const { claims, ttlMs } = this.#request
    const standings = claims.map((claim, index) => standing(claim, entriesOf(results, index)))
    if (standings.some(({ is }) => is === 'behind')) {
      this.#waitFor(standings, revision)
      return BUSY
    }
    this.#lock = this.#granted(places, places.session.startOf(sentAt, ttlMs))
    places.session.detach(this)
    return this.#lock
  }

  /** One place that goes is enough to look again: who has several in front looks again for each. */
  #waitFor(standings: readonly Standing[], revision: number): void {
    if (this.#request.waitMs === 0) return
    const index = standings.findIndex(({ is }) => is === 'behind')
    const claim = this.#request.claims[index]
    const behind = standings[index]
    if (claim === undefined || behind?.is !== 'behind') return
    const keys = this.#parts.layout.queue(claim.key)
    const wake = (): void => this.#wake()
    this.#waits.push(this.#parts.watches.wait({ keys, place: behind.blocker, revision, wake }))
  }

  #stopWaiting(): void {
    for (const wait of this.#waits.splice(0)) wait[Symbol.dispose]()
  }

  async #txn(compare: readonly EtcdCompare[], success: readonly EtcdOperation[]): Promise<EtcdTxnReply> {
    const { client, clock, timeoutMs } = this.#parts
    return await withDeadline(clock, timeoutMs, (signal) => client.txn({ compare, success }, signal))
  }
}

/** Deletes places; what cannot be deleted now is deleted later, or ends with its lease. */
export function giveBack({ session, names }: Places): void {
  session.delete(names).catch(ignore)
}

function isEmpty({ key, end }: { readonly key: string; readonly end?: string }): EtcdCompare {
  return { key, ...(end !== undefined && { end }), target: 'create', revision: 0 }
}

function ignore(): void {}
