import type { Random } from '@colony/host'
import { TestingError } from '../errors.ts'
import type { Trace } from '../trace/trace.ts'
import { runTurns } from './drain.ts'
import type { EventKind, EventOwner, ScheduledEvent } from './event-queue.ts'
import {
  EventQueue,
  orderWithin,
  PHASE_AFTER_INPUT,
  PHASE_FIRST,
  PHASE_NORMAL,
  TaskEvent,
  TIES,
} from './event-queue.ts'
import { enterStrict, guardTurn } from '../strict/strict-mode.ts'
import { watchRejections } from './rejections.ts'

/** What a {@link Scheduler} needs. */
export interface SchedulerSettings {
  /** Breaks ties among the world's own events of one instant. */
  readonly ties: Random
  /** Takes in every event. */
  readonly trace: Trace
  /** Makes the error that the run fails with. */
  readonly explain: (cause: unknown) => Error
  /** Most events of one run. */
  readonly maxEvents: number
  /** Whether what runs is refused the real world. */
  readonly strict: boolean
}

/** One virtual time line: takes events in order, drains all promises between two of them, stops at the first failure. */
export class Scheduler {
  /** Virtual time in microseconds. */
  now = 0
  /** Events that ran. */
  events = 0
  readonly #queue = new EventQueue()
  readonly #settings: SchedulerSettings
  // Replaced, not changed, so that a check may remove itself; an array, since it is gone through after every event.
  #checks: readonly (() => void)[] = []
  #failure: Error | undefined
  #running = false
  #quiet = false
  #eventsAtStart = 0
  #firsts = 0

  /** Makes an empty time line at time 0. */
  constructor(settings: SchedulerSettings) {
    this.#settings = settings
  }

  /** Adds a task `delay` microseconds from now (a whole number, at least 0). */
  add(
    delay: number,
    task: () => void,
    owner?: EventOwner,
    kind: EventKind = 'input',
    localDue = 0,
  ): TaskEvent {
    const phase = kind === 'after-input' ? PHASE_AFTER_INPUT : PHASE_NORMAL
    const tie = owner === undefined ? Math.floor(this.#settings.ties.float() * TIES) : owner.drawTie()
    const event = new TaskEvent(this.now + delay, orderWithin(phase, tie), owner, kind, task, localDue)
    this.#queue.push(event)
    return event
  }

  /** Adds a task of the world's own that comes before everything else of its instant, `delay` microseconds from now. Draws nothing. */
  addFirst(delay: number, task: () => void): void {
    this.#firsts += 1
    const order = orderWithin(PHASE_FIRST, this.#firsts)
    this.#queue.push(new TaskEvent(this.now + delay, order, undefined, 'input', task, 0))
  }

  /** Adds an event that was made elsewhere. */
  push(event: ScheduledEvent): void {
    this.#queue.push(event)
  }

  /** Puts an event back, now, at a chosen place within the instant. */
  again(event: ScheduledEvent, phase: number, tie: number): void {
    event.time = this.now
    event.order = orderWithin(phase, tie)
    this.#queue.push(event)
  }

  /** Moves an owner's timers to where `dueIn` says, in microseconds from now. */
  replanTimers(owner: EventOwner, dueIn: (localDue: number) => number): void {
    for (const event of this.#queue.extract((each) => each.owner === owner && each.kind === 'timer')) {
      event.time = this.now + dueIn((event as TaskEvent).localDue)
      this.#queue.push(event)
    }
  }

  /** Says that the event that is running ran no foreign code, so nothing needs to be drained after it. */
  ranNothing(): void {
    this.#quiet = true
  }

  /** Makes the run fail; the first failure counts. */
  fail(cause: unknown): void {
    this.#failure ??= this.#settings.explain(cause)
  }

  /** Calls `check` after every event that ran foreign code; what it throws fails the run. */
  addCheck(check: () => void): () => void {
    // Wrapped, because the same function may be added twice.
    const added = (): void => check()
    this.#checks = [...this.#checks, added]
    return () => void (this.#checks = this.#checks.filter((each) => each !== added))
  }

  /**
   * Runs events until `goal` holds (looked at between events) or none is left up to `end`, in virtual microseconds.
   * Resolves with whether the goal was met; without one, time stands at `end` afterwards.
   */
  drive(end: number, goal?: () => boolean): Promise<boolean> {
    if (this.#running)
      return Promise.reject(new TestingError('TESTING_BUSY', 'this world is already running'))
    this.#running = true
    this.#eventsAtStart = this.events
    const unwatch = watchRejections((reason) => this.fail(reason))
    const { strict } = this.#settings
    const leave = strict ? enterStrict() : undefined
    const relax = (): void => guardTurn(undefined)
    return new Promise((resolve, reject) => {
      const settle = (met: boolean): boolean => {
        this.#running = false
        unwatch()
        relax()
        leave?.()
        if (this.#failure === undefined) resolve(met)
        else reject(this.#failure)
        return false
      }
      const turn = (): boolean => {
        guardTurn(strict ? this : undefined)
        const verdict = this.#turn(end, goal)
        return verdict === undefined || settle(verdict)
      }
      if (strict) runTurns(turn, relax)
      else runTurns(turn)
    })
  }

  /**
   * The same at once, for code without promises: nothing is drained between two events. Returns whether the goal was met, and throws what the run failed with.
   */
  driveNow(end: number, goal?: () => boolean): boolean {
    if (this.#running) throw new TestingError('TESTING_BUSY', 'this world is already running')
    this.#running = true
    this.#eventsAtStart = this.events
    const leave = this.#settings.strict ? enterStrict() : undefined
    if (leave !== undefined) guardTurn(this)
    try {
      for (;;) {
        const verdict = this.#turn(end, goal)
        if (this.#failure !== undefined) throw this.#failure
        if (verdict !== undefined) return verdict
      }
    } finally {
      this.#running = false
      if (leave !== undefined) guardTurn(undefined)
      leave?.()
    }
  }

  /** One turn: everything before it is drained. Returns whether the goal was met, or `undefined` to go on. */
  #turn(end: number, goal: (() => boolean) | undefined): boolean | undefined {
    let met = false
    try {
      const checks = this.#checks
      for (let place = 0; place < checks.length; place += 1) checks[place]?.()
      met = goal !== undefined && goal()
    } catch (cause) {
      this.fail(cause)
    }
    if (this.#failure !== undefined || met) return met
    return this.#runNext(end) ? undefined : false
  }

  /** Runs events up to the first that may have run foreign code. `false` when none is left. */
  #runNext(end: number): boolean {
    for (;;) {
      const event = this.#queue.peek()
      if (event === undefined || event.time > end) {
        this.now = Math.max(this.now, end)
        return false
      }
      this.#queue.pop()
      if (event.cancelled) continue
      const { owner } = event
      if (owner !== undefined && !this.#admit(event, owner)) continue
      this.now = event.time
      this.#quiet = false
      this.#count(event)
      try {
        event.run()
      } catch (cause) {
        this.fail(cause)
      }
      owner?.ran()
      if (!this.#quiet || this.#failure !== undefined) return true
    }
  }

  #admit(event: ScheduledEvent, owner: EventOwner): boolean {
    if (owner.alive) return !owner.keep(event)
    this.now = event.time
    event.discard()
    return false
  }

  #count({ owner, kind, time }: ScheduledEvent): void {
    this.events += 1
    const { trace, maxEvents } = this.#settings
    if (owner === undefined) trace.record(time, 'task', 0, '')
    // The network records its frames itself: it knows more about them.
    else if (kind !== 'frame') trace.record(time, kind, owner.index, owner.id)
    if (this.events - this.#eventsAtStart > maxEvents) {
      this.fail(new TestingError('TESTING_EVENT_LIMIT', `more than ${maxEvents} events in one run`))
    }
  }
}
