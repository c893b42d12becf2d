import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Entry } from '../../../src/index.ts'
import type { KvCommand } from '../kv-machine.ts'
import { hasOnDisk } from '../observed-storage.ts'
import { sameBytes, sameEntry } from './entries.ts'
import type { Before, Facts, Watcher } from './facts.ts'

/** Raft's five properties (figure 3), and what their proof rests on. */
export class LogRules implements Watcher {
  readonly #facts: Facts
  readonly #leaders = new Map<number, NodeId>()
  /** Every committed entry, as first seen committed anywhere. */
  readonly #committed: Entry[] = []
  /** In which term each of them was. */
  readonly #committedIn: number[] = []
  /** Every applied command, as first seen applied anywhere. */
  readonly #applied = new Map<number, string>()
  readonly #snapshots = new Map<number, Uint8Array>()
  readonly #lastApplied = new Map<string, number>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onChange(node: NodeId, core: RaftCore, before: Before): void {
    const { term, role, commitIndex } = core
    const went = 'terms and commits never go back'
    if (term < before.term) this.#facts.broken(went, `term of ${node} from ${before.term} to ${term}`)
    if (commitIndex < before.commit)
      this.#facts.broken(went, `commit of ${node} from ${before.commit} to ${commitIndex}`)
    if (role === 'leader' && (before.role !== 'leader' || term !== before.term)) this.#onLeader(node, core)
    if (commitIndex > before.commit) this.#onCommit(node, core, before)
  }

  /** A machine applied a command, given as JSON, in the life of a number. */
  onApply(node: NodeId, life: number, index: number, text: string): void {
    const known = this.#applied.get(index)
    if (known === undefined) this.#applied.set(index, text)
    else if (known !== text) this.#differs(`${node} applied ${text} at ${index}, not ${known}`)
    const last = this.#lastApplied.get(`${node}/${life}`) ?? 0
    if (index <= last) this.#differs(`${node} applied ${index} after ${last}`)
    this.#lastApplied.set(`${node}/${life}`, index)
  }

  /** A proposer was told that its command was applied at `index`. */
  onAnswer(index: number, command: KvCommand): void {
    const text = JSON.stringify(command)
    const applied = this.#applied.get(index) ?? 'nothing'
    if (applied === text) return
    const told = `who proposed ${text} was told of ${index}, where ${applied} was applied`
    this.#facts.broken('answers are for what was proposed', told)
  }

  /** A snapshot was saved, wherever it was made: it holds what every other at this index holds. */
  onSnapshot(node: NodeId, index: number, content: Uint8Array): void {
    const known = this.#snapshots.get(index)
    if (known === undefined) this.#snapshots.set(index, content)
    else if (!sameBytes(known, content))
      this.#facts.broken('snapshots of one index are the same', `${node} has another snapshot at ${index}`)
  }

  #differs(message: string): void {
    this.#facts.broken('machines apply the same', message)
  }

  #onLeader(node: NodeId, core: RaftCore): void {
    const { term } = core
    const other = this.#leaders.get(term)
    if (other !== undefined && other !== node)
      this.#facts.broken('one leader a term', `${other} and ${node} lead term ${term}`)
    this.#leaders.set(term, node)
    for (const [at, entry] of this.#committed.entries()) {
      // Of later terms only: a candidate that was paused may win its old term when others have long gone on.
      const committedBefore = (this.#committedIn[at] ?? 0) < term
      const isInSnapshot = at + 1 < core.firstIndex
      if (committedBefore && !isInSnapshot && core.entryAt(at + 1)?.term !== entry.term) {
        const rule = 'leaders have every committed entry'
        this.#facts.broken(rule, `${node} leads term ${term} without entry ${at + 1} of term ${entry.term}`)
      }
    }
    if (core.lastIndex - 1 > this.#committed.length)
      this.#facts.sometimes('leader elected with an uncommitted tail')
    this.#checkLogMatching()
  }

  #onCommit(node: NodeId, core: RaftCore, before: Before): void {
    const { term, role, commitIndex } = core
    for (let index = before.commit + 1; index <= commitIndex; index++) {
      const entry = core.entryAt(index)
      const known = this.#committed[index - 1]
      // A snapshot stands for it, as for what everybody has committed.
      if (entry === undefined && known !== undefined && index < core.firstIndex) continue
      if (entry === undefined) {
        this.#facts.broken('nodes commit the same', `${node} committed ${index}, which it does not have`)
        return
      }
      if (known === undefined) this.#onFirstCommit(node, term, index, entry)
      else if (!sameEntry(known, entry))
        this.#facts.broken('nodes commit the same', `${node} committed another entry at ${index}`)
    }
    const own = core.entryAt(commitIndex)?.term
    // 5.4.2: whoever led before this event and after it committed by counting.
    if (role === 'leader' && before.role === 'leader' && before.term === term && own !== term) {
      const rule = 'leaders commit entries of their own term'
      this.#facts.broken(rule, `${node} leads term ${term} and counted ${commitIndex} of term ${own}`)
    }
  }

  #onFirstCommit(node: NodeId, term: number, index: number, entry: Entry): void {
    this.#committed[index - 1] = entry
    this.#committedIn[index - 1] = term
    const holds = (id: NodeId): boolean => {
      const kept = this.#facts.diskOf(node, id)
      return kept !== undefined && hasOnDisk(kept, index, (other) => sameEntry(other, entry))
    }
    if (!this.#facts.couldCommit(node, holds)) {
      const copies = this.#facts.nodes.filter(holds).join(' ')
      const told = `${node} committed ${index} of term ${entry.term}, on the disks of ${copies} only`
      this.#facts.broken('commits are on the disks of a quorum', told)
    }
    if (!holds(node)) this.#facts.sometimes('committed before the own disk was done')
  }

  #checkLogMatching(): void {
    const cores = [...this.#facts.cores]
    for (const [at, [a, first]] of cores.entries()) {
      for (const [b, second] of cores.slice(at + 1)) {
        let index = Math.min(first.lastIndex, second.lastIndex)
        const begin = Math.max(first.firstIndex, second.firstIndex)
        while (index >= begin && first.entryAt(index)?.term !== second.entryAt(index)?.term) index--
        for (; index >= begin; index--) {
          const x = first.entryAt(index)
          const y = second.entryAt(index)
          if (x === y || (x?.term === y?.term && sameBytes(x?.data, y?.data))) continue
          this.#facts.broken('logs match', `${a} and ${b} differ at ${index} before an entry that they share`)
          return
        }
      }
    }
  }
}
