import type { Mutant } from './mutant.ts'

/** Who comes, goes, is looked for and forgotten. */
export const LIFE_MUTANTS: readonly Mutant[] = [
  {
    name: 'the-failed-are-not-looked-for',
    breaks: 'Two parts of a cluster that lost each other never meet again.',
    file: 'core/life/gone-members.ts',
    find: "if (record && record.address !== '') this.#parts.recall(record)",
    replace: '',
  },
  {
    name: 'reaps-at-once',
    breaks: 'Who failed is forgotten at once: nobody looks for it, and nobody could say that it had failed.',
    file: 'core/life/gone-members.ts',
    find: 'if (now < since + timing.reapAfterMs) continue',
    replace: '',
  },
  {
    name: 'never-leaves',
    breaks: 'A goodbye is never over where somebody does not acknowledge it.',
    file: 'core/life/leaving.ts',
    find: 'if (peers.length === 0 || now >= this.#endsAt) {',
    replace: 'if (false) {',
  },
  {
    name: 'comes-back-after-goodbye',
    breaks: 'A node that has said goodbye refutes what is said of it.',
    file: 'core/members/own-word.ts',
    find: "if (own.status === 'left') return",
    replace: '',
  },
]
