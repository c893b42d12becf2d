import type { Mutant } from './mutant.ts'

/** What members say of themselves, what all may write, and what is told to all. */
export const STATE_MUTANTS: readonly Mutant[] = [
  {
    name: 'gaps-are-skipped',
    breaks: 'A copy takes in changes without those before them.',
    file: 'core/state/state-store.ts',
    find: "return run.base <= known.version ? this.#extend(run.id, known, run) : 'gap'",
    replace: 'return this.#extend(run.id, known, run)',
  },
  {
    name: 'old-changes-are-taken-again',
    breaks: 'A change that is old already takes the place of a newer one.',
    file: 'core/state/state-store.ts',
    find: 'if (version <= before) continue',
    replace: '',
  },
  {
    name: 'copies-of-old-lives-stay',
    breaks: 'What an earlier life of a member said stays for what it says now.',
    file: 'core/state/state-store.ts',
    find: 'if (owner.shown !== undefined && owner.shown.life < epoch) this.#forgetShown(id, owner)',
    replace: '',
  },
  {
    name: 'deletions-are-not-told',
    breaks: 'A key that is deleted leaves no tombstone: copies keep it.',
    file: 'core/state/own-state.ts',
    find: 'if (!sameBytes(previous, value)) this.#append(state, key, value?.slice())',
    replace:
      'if (value !== undefined && !sameBytes(previous, value)) this.#append(state, key, value.slice())',
  },
  {
    name: 'keys-outlive-their-time',
    breaks: 'A key whose time is over is not deleted.',
    file: 'core/state/own-state.ts',
    find: 'if (this.#state?.get(key)?.value !== undefined) this.#append(this.#state, key, undefined)',
    replace: '',
  },
  {
    name: 'versions-stand-still',
    breaks: 'Two changes of an owner have one version.',
    file: 'core/state/own-state.ts',
    find: 'version: before + 1, at',
    replace: 'version: Math.max(1, before), at',
  },
  {
    name: 'never-compares-contents',
    breaks: 'What piggyback missed of states is never repaired.',
    file: 'core/sync/summary.ts',
    find: "this.#begin(from, 'all')",
    replace: '',
  },
  {
    name: 'every-write-wins',
    breaks: 'Of two writes of a shared value the one that is heard last wins.',
    file: 'core/state/shared-values.ts',
    find: 'if (known !== undefined && compareMarks(record, known) <= 0) return false',
    replace: 'if (known !== undefined && compareMarks(record, known) === 0) return false',
  },
  {
    name: 'the-buried-come-back',
    breaks: 'A node writes again what was deleted while it was away, for as long.',
    file: 'core/state/shared-values.ts',
    find: 'return this.#context.now - known.wroteAt < this.#context.timing.tombstoneMs / YOUNG_PART',
    replace: 'return true',
  },
  {
    name: 'the-deleted-are-not-buried',
    breaks: 'A shared value comes back from whoever was away for longer than deletions are remembered.',
    file: 'core/state/shared-values.ts',
    find: 'if (known === undefined && compareStamps(record.stamp, this.#floor) <= 0) return this.#buryAgain(record)',
    replace: '',
  },
  {
    name: 'resets-are-not-noticed',
    breaks: 'A copy that ends before what its owner has forgotten goes on as if nothing was missing.',
    file: 'core/sync/knowledge.ts',
    find: 'if (Math.max(theirs.version, theirs.floor) < mine.floor) return 0',
    replace: '',
  },
  {
    name: 'broadcasts-come-twice',
    breaks: 'A message that the network repeats is delivered again.',
    file: 'core/dissemination/seen-messages.ts',
    find: "else if (isSet(seen.bits, sequence)) return 'duplicate'",
    replace: '',
  },
  {
    name: 'receipts-tell-too-much',
    breaks: 'Members are counted as having a message that they did not get.',
    file: 'core/dissemination/seen-messages.ts',
    find: 'return { epoch: seen.epoch, newest: seen.newest, before: before >>> 0 }',
    replace: 'return { epoch: seen.epoch, newest: seen.newest + 1, before: 0xffff_ffff }',
  },
]
