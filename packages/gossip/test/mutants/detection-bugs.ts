import type { Mutant } from './mutant.ts'

/** Who does not answer, and what follows from it. */
export const DETECTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'probes-nobody',
    breaks: 'No probe ever begins: the dead are never missed.',
    file: 'core/detection/prober.ts',
    find: 'if (!probe.active && (now >= this.#nextAt || this.#urgent.length > 0)) this.#begin()',
    replace: 'this.#nextAt = now + this.#context.timing.probeIntervalMs',
  },
  {
    name: 'failed-probes-mean-nothing',
    breaks: 'Who does not answer is not suspected.',
    file: 'core/detection/prober.ts',
    find: "this.#parts.accuse(probe.target, 'stream')",
    replace: '',
  },
  {
    name: 'suspicions-last-for-ever',
    breaks: 'A suspect is never declared failed.',
    file: 'core/detection/suspicions.ts',
    find: 'if (suspicion.endsAt <= now) this.#parts.expired(id)',
    replace: 'if (suspicion.endsAt <= now) this.#suspicions.delete(id)',
  },
  {
    name: 'accuser-confirms-itself',
    breaks: 'The same complaint counts again and again.',
    file: 'core/detection/suspicions.ts',
    find: 'if (confirmations.length >= time.expected || confirmations.includes(accuser)) return false',
    replace: 'if (confirmations.length >= time.expected) return false',
  },
  {
    name: 'acks-of-old-probes-count',
    breaks:
      'An answer to an earlier probe saves a member that does not answer any more, for as long as it is repeated.',
    file: 'core/detection/prober.ts',
    find: 'if (!probe.active || ack.sequence !== probe.sequence) return\n    if (ack.byHelper ? !probe.helpers.includes(from) : from !== probe.target) return',
    replace: 'if (!probe.active) return',
  },
  {
    name: 'health-never-recovers',
    breaks: 'A node that once was unwell stays so, and looks at others ever more slowly.',
    file: 'core/detection/local-health.ts',
    find: 'if (this.#score > 0) this.#set(this.#score - 1)',
    replace: '',
  },
  {
    name: 'rhythms-do-not-make-well',
    breaks: 'The same where signs of life are judged by their rhythm, and nothing is probed.',
    file: 'core/detection/phi-detector.ts',
    find: 'if (this.#answered) this.#parts.health.improve()',
    replace: '',
  },
]
