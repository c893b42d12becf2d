import type { NodeId } from '@colony/host'
import { isEarlierEnd } from '../../../src/core/log-end.ts'
import type { AppendResponse } from '../../../src/core/message.ts'
import type { Message, PersistRecord, StoredState } from '../../../src/index.ts'
import { afterRecord, type DurableLog, entryOf, type KeptLog, lastOf } from '../observed-storage.ts'
import { sameEntry } from './entries.ts'
import type { Facts, Passing, Watcher } from './facts.ts'

/** Whatever a message promises is on the sender's disk by then (figure 2), and comes back after a crash. */
export class DiskRules implements Watcher {
  readonly #facts: Facts
  /** Whom each node voted for in each term, in all its lives on one disk. */
  readonly #votes = new Map<string, NodeId>()

  /** Whose disk was full, and took no entries since; and who is writing nothing but a term and a vote for that reason. */
  readonly #refused = new Set<NodeId>()
  readonly #promisesAlone = new Set<NodeId>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onSend(node: NodeId, { peer, message }: Passing): void {
    const durable = this.#facts.durable.get(node)
    if (durable === undefined) return
    if (message.type === 'append-response') this.#onAcknowledge(node, message, durable)
    if (message.type === 'vote-request') this.#onPromise(node, message, node, durable)
    if (message.type === 'vote-response' && message.granted) {
      this.#onPromise(node, message, peer, durable)
      this.#onVote(node, message.term, peer)
    }
  }

  /** All that was not written yet goes into the next write, so what is on disk after it is the log as it is now. */
  onPersist(node: NodeId, { term, firstIndex, entries }: PersistRecord): void {
    const durable = this.#facts.durable.get(node)
    const kept = durable === undefined ? 0 : lastOf(durable)
    if (firstIndex > 0 && firstIndex <= kept) this.#facts.sometimes('a follower replaced entries')
    const core = this.#facts.cores.get(node)
    // On a full disk a term and a vote go ahead of the entries that wait.
    if (firstIndex === 0 && this.#refused.has(node)) return this.#onPromisesAlone(node)
    if (core === undefined) return
    const last = firstIndex === 0 ? kept : firstIndex - 1 + entries.length
    const isLog = term === core.term && last === core.lastIndex
    const lastEntry = entries.at(-1)
    // A slow disk still writes what a snapshot stands for already: committed by others, and cut from the log.
    const own = core.entryAt(last)?.term ?? lastEntry?.term
    if (isLog && (lastEntry === undefined || lastEntry.term === own)) return
    const told = `${node} writes term ${term} up to ${last}, and is in term ${core.term} at ${core.lastIndex}`
    this.#facts.broken('what is written is the log', told)
  }

  onRefused(node: NodeId): void {
    this.#refused.add(node)
  }

  onPersisted(node: NodeId): void {
    if (!this.#promisesAlone.delete(node)) this.#refused.delete(node)
  }

  onBoot(node: NodeId): void {
    this.#refused.delete(node)
    this.#promisesAlone.delete(node)
  }

  #onPromisesAlone(node: NodeId): void {
    this.#promisesAlone.add(node)
    this.#facts.sometimes('a node on a full disk wrote down its term or vote')
  }

  /** What was durable is there, and of what was being written either all or nothing. */
  onRecovery(node: NodeId, recovered: StoredState): void {
    const durable = this.#facts.durable.get(node)
    if (durable === undefined) return
    const { pending } = durable
    const survived = pending !== undefined && isSame(recovered, afterRecord(durable, pending))
    if (survived) this.#facts.sometimes('a write in flight survived the crash')
    else if (pending !== undefined) this.#facts.sometimes('a write in flight was lost in the crash')
    if (survived || isSame(recovered, durable)) return
    // A snapshot that was being saved may be there.
    const now = { ...durable, snapshot: Math.max(durable.snapshot, recovered.snapshot?.index ?? 0) }
    const before = pending === undefined ? [now] : [now, { ...now, ...afterRecord(durable, pending) }]
    const { behind } = durable
    const former =
      behind === undefined
        ? []
        : before.map(({ term, vote, snapshot }) => ({ ...behind, term, vote, snapshot }))
    if (former.some((log) => isSame(recovered, log))) return
    if ([...before, ...former].some((log) => isKnownLoss(recovered, log)))
      return this.#facts.sometimes('a node started without entries that it lost')
    const rule = 'disks give back what was durable'
    this.#facts.broken(rule, `${node} had ${described(durable)} and found ${described(recovered)}`)
  }

  #onAcknowledge(node: NodeId, { term, success, index }: AppendResponse, durable: DurableLog): void {
    const rule = 'acknowledged entries are on disk'
    if (durable.term < term)
      this.#facts.broken(rule, `${node} answers in term ${term} and has term ${durable.term} on disk`)
    // What was held back until it was written may be overtaken by a later term, whose leader dropped it again.
    if (!success || durable.term > term) return
    const last = Math.max(lastOf(durable), durable.snapshot)
    if (index > last)
      this.#facts.broken(rule, `${node} acknowledges ${index} and has a log up to ${last} on disk`)
    const core = this.#facts.cores.get(node)
    const held = core?.term === term ? core.entryAt(index) : undefined
    const kept = entryOf(durable, index)
    if (held !== undefined && kept !== undefined && !sameEntry(held, kept))
      this.#facts.broken(rule, `${node} acknowledges ${index} and has another entry there on disk`)
  }

  /** A vote in `term` must survive a crash: as itself, or because a later term forbids any other. */
  #onPromise(node: NodeId, { term }: Message, candidate: NodeId, durable: DurableLog): void {
    if (durable.term > term || (durable.term === term && durable.vote === candidate)) return
    const told = `${node} votes for ${candidate} in term ${term}; on its disk is ${described(durable)}`
    this.#facts.broken('votes are on disk', told)
  }

  #onVote(node: NodeId, term: number, candidate: NodeId): void {
    const place = `${node}/${this.#facts.incarnationOf(node)}/${term}`
    const earlier = this.#votes.get(place) ?? candidate
    if (earlier !== candidate) {
      const told = `${node} votes for ${earlier} and for ${candidate} in term ${term}`
      this.#facts.broken('one vote a term', told)
    }
    this.#votes.set(place, candidate)
  }
}

/** Entries that one of them has forgotten, because a snapshot stands for them, do not matter. */
function isSame(a: KeptLog, b: KeptLog): boolean {
  if (a.term !== b.term || a.vote !== b.vote || lastOf(a) !== lastOf(b)) return false
  for (let index = Math.max(a.firstIndex, b.firstIndex); index <= lastOf(a); index++) {
    const one = entryOf(a, index)
    const other = entryOf(b, index)
    if (one === undefined || other === undefined || !sameEntry(one, other)) return false
  }
  return true
}

/** What is missing at its end is in the snapshot, or the node knows at least how far it went. */
function isKnownLoss(recovered: StoredState, before: KeptLog & { readonly snapshot: number }): boolean {
  const last = lastOf(recovered)
  // The log ended before the snapshot, so none of it is needed, and it begins anew behind that.
  const isCovered =
    lastOf(before) <= before.snapshot && last === before.snapshot && recovered.entries.length === 0
  if (isCovered)
    return recovered.lost === undefined && recovered.term === before.term && recovered.vote === before.vote
  const kept = { ...before, entries: before.entries.slice(0, Math.max(0, last - before.firstIndex + 1)) }
  if (last >= lastOf(before) || !isSame(recovered, kept)) return false
  const { lost } = recovered
  if (lost === undefined) return lastOf(before) <= before.snapshot
  return !isEarlierEnd(lost, { index: lastOf(before), term: before.entries.at(-1)?.term ?? 0 })
}

function described(log: KeptLog): string {
  const { term, vote, firstIndex, entries } = log
  return `term ${term}, vote '${vote}', entries ${firstIndex} to ${lastOf(log)} up to term ${entries.at(-1)?.term ?? 0}`
}
