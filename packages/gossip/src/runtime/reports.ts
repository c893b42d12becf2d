import { observe, type Host, type NodeId, type ObservedLevel } from '@colony/host'
import type { CoreEvent } from '../core/core-event.ts'
import type { Majority } from './majority.ts'

/** What a node tells the host's observer: `gossip.…` events of plain data. */
export class Reports {
  readonly #host: Host
  readonly #self: NodeId
  #undecodable = 0

  constructor(host: Host, self: NodeId) {
    this.#host = host
    this.#self = self
  }

  /** Values and messages of others that could not be decoded. */
  get undecodable(): number {
    return this.#undecodable
  }

  /** Tells one thing. */
  tell(type: string, level: ObservedLevel, fields: Readonly<Record<string, unknown>>): void {
    observe(this.#host.observer, { ...fields, type: `gossip.${type}`, level, node: this.#self })
  }

  /** A listener of the user's threw. */
  listenerFailed(error: unknown, event: string): void {
    this.tell('listener-failed', 'error', { event, error })
  }

  /** A value or message of another could not be decoded. */
  undecodableFrom(from: NodeId, what: string, error: unknown): void {
    this.#undecodable += 1
    this.tell('undecodable', 'warn', { from, what, error })
  }

  /** Whether this node sees most of the cluster has changed. */
  majority(majority: Majority): void {
    this.tell('majority', majority.held ? 'info' : 'warn', { ...majority })
  }

  /** Tells of what a core says, where an observer should know. */
  event(event: CoreEvent): void {
    if (this.#host.observer === undefined) return
    const level = LEVELS[event.type]
    if (level === undefined) return
    this.tell(NAMES[event.type] ?? event.type, level, fieldsOf(event))
  }
}

/** Flat, for logs and traces. */
function fieldsOf(event: CoreEvent): Readonly<Record<string, unknown>> {
  if (!('member' in event)) {
    const { type: _, ...fields } = event
    return fields
  }
  const { id, address, zone, status } = event.member
  const about = { peer: id, address, zone, status }
  if (event.type === 'forget') return about
  if (event.type === 'move') return { ...about, before: event.previous.address }
  const { text, accuser, path, localHealth } = event.why
  return { ...about, reason: text, accuser, path, localHealth }
}

const NAMES: Partial<Record<CoreEvent['type'], string>> = {
  join: 'member-joined',
  suspect: 'member-suspected',
  recover: 'member-recovered',
  fail: 'member-failed',
  leave: 'member-left',
  forget: 'member-forgotten',
  move: 'member-moved',
}

/** What is not here happens too often to be told. */
const LEVELS: Partial<Record<CoreEvent['type'], ObservedLevel>> = {
  join: 'info',
  suspect: 'info',
  recover: 'info',
  fail: 'warn',
  leave: 'info',
  forget: 'debug',
  move: 'info',
  conflict: 'error',
  joined: 'info',
  healed: 'info',
  health: 'info',
  'wrong-cluster': 'warn',
  left: 'info',
}
