/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, NodeId } from '@colony/host'
import type { NodeEvent } from './shared-node.ts'

/** A node that is not heard of for so many times the patience is not spoken to any more, until a group does. */
const FORGOTTEN_AFTER = 1000

/**
 * Looks without a sign of life before a node counts as silent, however long ago the last was. After a stall of this process the first look finds everybody
 * silent for as long as the stall took, although only we were away: all quiet groups would wake at once, which costs most when the process has least to give.
 */
const LOOKS_BEFORE_SILENT = 3

/** How nodes watch over each other; in milliseconds. */
export interface PeerWatchOptions {
  /** How often a node makes itself heard, if by nothing else. */
  readonly intervalMs: number
  /** How long it may be silent. */
  readonly patienceMs: number
}

/** What is known of a node. */
interface Peer {
  life: number
  era: number
  /** 0 while it was never heard. */
  heardAt: number
  /** Looks since then. */
  looks: number
  isSilent: boolean
  /** Something was sent to it since the last look. */
  isSpokenTo: boolean
}

/** Watches over the other nodes that have groups in common with this one, once for all of them: the few signs of life that quiet groups rest on. */
export class PeerWatch {
  readonly #clock: Clock
  readonly #options: PeerWatchOptions
  readonly #tell: (event: NodeEvent) => void
  readonly #speak: (to: NodeId) => void
  readonly #peers = new Map<NodeId, Peer>()
  #timer: Disposable | undefined
  #stopped = false

  /** `speak` is called for a node that would otherwise hear nothing of this one. */
  constructor(
    clock: Clock,
    options: PeerWatchOptions,
    tell: (event: NodeEvent) => void,
    speak: (to: NodeId) => void,
  ) {
    this.#clock = clock
    this.#options = options
    this.#tell = tell
    this.#speak = speak
  }

  /** Something goes to a node. */
  spoken(to: NodeId): void {
    this.#peer(to).isSpokenTo = true
  }

  /** A frame came. False for one that was sent before the last of which this is known: what it says may no longer hold. */
  heard(from: NodeId, life: number, era: number): boolean {
    const peer = this.#peer(from)
    const isNew = peer.heardAt === 0
    if (!isNew && peer.life === life && era < peer.era) return false
    const { life: lifeBefore, era: eraBefore } = peer
    peer.life = life
    peer.era = era
    // A clock may begin at 0.
    peer.heardAt = Math.max(this.#clock.now(), Number.MIN_VALUE)
    peer.looks = 0
    peer.isSilent = false
    if (isNew) return true
    // Another process does not lead what the one before led.
    if (life !== lifeBefore) this.#tell({ type: 'silent', peer: from })
    else if (era !== eraBefore) this.#tell({ type: 'doubtful', peer: from })
    return true
  }

  /** No look any more. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
  }

  #peer(id: NodeId): Peer {
    let peer = this.#peers.get(id)
    if (peer === undefined) {
      peer = { life: 0, era: 0, heardAt: 0, looks: 0, isSilent: false, isSpokenTo: false }
      this.#peers.set(id, peer)
    }
    this.#arm()
    return peer
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#stopped) return
    this.#timer = this.#clock.after(this.#options.intervalMs, () => {
      // Never straight from the timer: what the others said may be waiting in the inbox of a process that was stalled.
      this.#clock.afterInput(() => {
        this.#timer = undefined
        if (this.#stopped) return
        this.#look()
        if (this.#peers.size > 0) this.#arm()
      })
    })
  }

  #look(): void {
    const now = this.#clock.now()
    for (const [id, peer] of this.#peers) {
      const silentMs = now - peer.heardAt
      const isOverdue = ++peer.looks >= LOOKS_BEFORE_SILENT && silentMs >= this.#options.patienceMs
      if (peer.heardAt > 0 && !peer.isSilent && isOverdue) {
        peer.isSilent = true
        this.#tell({ type: 'silent', peer: id })
      }
      const isSpokenTo = peer.isSpokenTo
      peer.isSpokenTo = false
      if (isSpokenTo) continue
      if (silentMs > FORGOTTEN_AFTER * this.#options.patienceMs) this.#peers.delete(id)
      else {
        this.#speak(id)
        peer.isSpokenTo = false
      }
    }
  }
}
