import type { ObservedEvent, Observer } from '@colony/host'
import type { DropCounters } from '../core/bookkeeping.ts'
import type { CoreRole } from '../core/core-options.ts'
import type { ProposalOutcome } from '../errors.ts'
import type { ReadConsistency } from './consistency.ts'

/**
 * What one node has counted since it started: {@link Raft.metrics}. Everything here only grows (but `storage.longestWriteMs`, which is a maximum); what a node is
 * at the moment (its role, its indexes, what is pending) is in {@link RaftStatus}.
 * @category Node
 */
export interface RaftMetrics {
  /** Proposals made on this node that have ended, by outcome. One that was aborted counts as what could be said of it then. */
  readonly proposals: Readonly<Record<ProposalOutcome, number>>
  /** Reads made on this node, by what they asked for: how many were answered, and how many ended without an answer. */
  readonly reads: Readonly<Record<ReadConsistency, ReadMetrics>>
  /** Batches of reads for which this node, as leader, asked a quorum, its own and those of other nodes; one round to the quorum serves many of them. */
  readonly readRounds: number
  /** Batches of reads for which this node asked the leader. */
  readonly forwardedReads: number
  /** Entries that were appended to the log on this node's disk, and how they were written. */
  readonly storage: StorageMetrics
  /** Snapshots. */
  readonly snapshots: SnapshotMetrics
  /** Entries applied to this node's machine, no-ops included. */
  readonly appliedEntries: number
  /** Elections that this node asked for, pre-votes included, as far as they lasted longer than a turn of the event loop. */
  readonly electionsStarted: number
  /** Elections that it won. */
  readonly electionsWon: number
  /** How often another leader, or the same in a later term, was heard of. */
  readonly leaderChanges: number
  /** Voters that answered this node with other data than the group knows them by: each was wiped, and is counted once. */
  readonly wipedNodes: number
  /** Frames of peers that were dropped, by reason. */
  readonly dropped: DropMetrics
}

/**
 * What became of the reads of one level.
 * @category Node
 */
export interface ReadMetrics {
  /** Answered. */
  readonly served: number
  /** Ended without an answer: timed out, aborted, refused as too old, or closed over. */
  readonly failed: number
}

/**
 * Frames of peers that were dropped.
 * @category Node
 */
export interface DropMetrics extends Readonly<DropCounters> {
  /** Could not be decoded. */
  readonly malformed: number
  /** Held entries for which there was no room: {@link RaftOptions.maxPendingBytes} waited for this node's disk. Their leader sends them again. */
  readonly overloaded: number
}

/**
 * What became of a node's snapshots.
 * @category Node
 */
export interface SnapshotMetrics {
  /** Made here. */
  readonly saved: number
  /** Milliseconds that making them took, together. */
  readonly savingMs: number
  /** Sent to a follower, all of it. */
  readonly sent: number
  /** Received and put in the place of what was here. */
  readonly installed: number
  /** Not made, not sent or not installed; each is tried again. */
  readonly failed: number
}

/**
 * How a node's storage does.
 * @category Node
 */
export interface StorageMetrics {
  /** Records that became durable; each is one sync of the disk. */
  readonly writes: number
  /** Entries in them. */
  readonly entries: number
  /** Milliseconds that they took together. One is written at a time, so this is also how long the disk was busy. */
  readonly busyMs: number
  /** Milliseconds that the longest took. */
  readonly longestWriteMs: number
  /** Writes that the disk had no room for; each was kept and tried again. */
  readonly refusedWrites: number
}

/** Counts writes, and times them. */
export class WriteMeter implements StorageMetrics {
  readonly #now: () => number
  /** When the last write began. */
  startedAt = 0
  writes = 0
  entries = 0
  busyMs = 0
  longestWriteMs = 0
  refusedWrites = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** A write begins. */
  begin(): void {
    this.startedAt = this.#now()
  }

  /** It is durable. */
  end(entries: number): void {
    const tookMs = this.#now() - this.startedAt
    this.writes++
    this.entries += entries
    this.busyMs += tookMs
    this.longestWriteMs = Math.max(this.longestWriteMs, tookMs)
  }

  /** The disk was full, and nothing of it was written. */
  refuse(): void {
    this.refusedWrites++
  }

  /** The figures of now. */
  snapshot(): StorageMetrics {
    const { writes, entries, busyMs, longestWriteMs, refusedWrites } = this
    return { writes, entries, busyMs, longestWriteMs, refusedWrites }
  }
}

/** Counts snapshots, by what is told of them. */
export class SnapshotCounters implements SnapshotMetrics {
  saved = 0
  savingMs = 0
  sent = 0
  installed = 0
  failed = 0

  /** An observer that counts, and then tells `next`. */
  before(next: Observer | undefined): Observer {
    return (event) => {
      this.#note(event)
      next?.(event)
    }
  }

  /** The figures of now. */
  snapshot(): SnapshotMetrics {
    const { saved, savingMs, sent, installed, failed } = this
    return { saved, savingMs, sent, installed, failed }
  }

  #note({ type, ms }: ObservedEvent): void {
    switch (type) {
      case 'raft.snapshot-saved':
        this.saved++
        this.savingMs += Number(ms)
        return
      case 'raft.snapshot-sent':
        this.sent++
        return
      case 'raft.snapshot-installed':
        this.installed++
        return
      case 'raft.snapshot-failed':
        this.failed++
        return
      default:
    }
  }
}

/** Counts elections and leaders, from what a node turns into. */
export class ElectionCounters {
  started = 0
  won = 0
  leaderChanges = 0
  #role: CoreRole = 'follower'
  #term = 0
  /** The last leader that was known, and its term. */
  #leader = ''

  /** The figures of now. */
  snapshot(): Pick<RaftMetrics, 'electionsStarted' | 'electionsWon' | 'leaderChanges'> {
    return { electionsStarted: this.started, electionsWon: this.won, leaderChanges: this.leaderChanges }
  }

  /** What the node is now. */
  note(role: CoreRole, term: number, leader: string | undefined): void {
    const asks =
      role !== 'follower' && (this.#role === 'follower' || (this.#role === 'leader' && role !== 'leader'))
    if (asks) this.started++
    if (role === 'leader' && (this.#role !== 'leader' || term !== this.#term)) this.won++
    const known = leader === undefined ? this.#leader : `${term}/${leader}`
    if (known !== this.#leader) this.leaderChanges++
    this.#role = role
    this.#term = term
    this.#leader = known
  }
}
