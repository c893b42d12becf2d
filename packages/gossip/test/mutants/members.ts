import type { Mutant } from './mutant.ts'

/** Who is there, and which word of whom counts. */
export const MEMBER_MUTANTS: readonly Mutant[] = [
  {
    name: 'old-lives-come-back',
    breaks: 'News of an earlier life takes the place of what is known of the present one.',
    file: 'core/members/precedence.ts',
    find: 'if (life !== 0) return life > 0',
    replace: 'if (life !== 0) return true',
  },
  {
    name: 'old-words-come-back',
    breaks: 'An older word of a member takes the place of a newer one.',
    file: 'core/members/precedence.ts',
    find: 'if (word !== 0) return word > 0',
    replace: 'if (word !== 0) return true',
  },
  {
    name: 'the-latest-word-wins',
    breaks: 'At one incarnation whatever comes last is believed: the dead come back by an old message.',
    file: 'core/members/precedence.ts',
    find: 'return RANKS[news.status] > RANKS[known.status]',
    replace: 'return news.status !== known.status',
  },
  {
    name: 'goodbyes-are-answered-back',
    breaks: 'Any other word of the same life takes a goodbye back.',
    file: 'core/members/precedence.ts',
    find: "if ((news.status === 'left') !== (known.status === 'left')) return news.status === 'left'",
    replace: "if ((news.status === 'left') !== (known.status === 'left')) return true",
  },
  {
    name: 'complaints-are-not-answered',
    breaks: 'A node hears that it is suspected, or was declared failed, and says nothing.',
    file: 'core/members/own-word.ts',
    find: "this.#parts.write({ ...own, incarnation }, 'self')",
    replace: '',
  },
  {
    name: 'refutes-at-the-same-word',
    breaks: 'A refutation is no newer than the complaint, and believed by nobody.',
    file: 'core/members/own-word.ts',
    find: ': nextIncarnation(accused)',
    replace: ': accused',
  },
  {
    name: 'two-lives-share-an-epoch',
    breaks: 'A node whose epoch went back goes on in its later life: its goodbye, and its state.',
    file: 'core/members/own-word.ts',
    find: 'const isAnother = accused.epoch > own.incarnation.epoch',
    replace: 'const isAnother = false',
  },
  {
    name: 'the-forgotten-are-learned-again',
    breaks: 'Who was forgotten is learned again from whoever remembers it longer.',
    file: 'core/members/membership.ts',
    find: 'if (floor !== undefined && compareIncarnations(update.incarnation, floor) <= 0) {',
    replace: 'if (floor !== undefined && compareIncarnations(update.incarnation, floor) < 0) {',
  },
  {
    name: 'floor-is-not-kept',
    breaks: 'Nothing is remembered of who was forgotten.',
    file: 'core/members/transitions.ts',
    find: 'floor.raise(before.id, before.incarnation, this.#context.now)',
    replace: 'floor.delete(before.id)',
  },
  {
    name: 'convicts-without-suspicion',
    breaks: 'Who was not suspected, or has refuted, is declared failed all the same.',
    file: 'core/members/membership.ts',
    find: "if (index < 0 || this.#table.statusAt(index) !== 'suspect') return",
    replace: 'if (index < 0) return',
    also: {
      file: 'core/detection/suspicions.ts',
      find: 'if (was) this.#end(before, after)',
      replace: '',
    },
  },
  {
    name: 'accuses-the-dead',
    breaks: 'A probe that began before a member failed makes it a suspect again.',
    file: 'core/members/membership.ts',
    find: 'if (index < 0 || !this.#table.isPresentAt(index)) return\n    const row',
    replace: 'if (index < 0) return\n    const row',
    also: {
      file: 'core/detection/prober.ts',
      find: 'if (!present && this.#probe.active && this.#probe.target === id) this.#probe.active = false',
      replace: '',
    },
  },
  {
    name: 'joins-are-told-twice',
    breaks: 'A suspect that refutes is told as having joined.',
    file: 'core/members/transitions.ts',
    find: 'const was = before !== undefined && isPresent(before)',
    replace: "const was = before !== undefined && before.status === 'alive'",
  },
]
