import type { Mutant } from './mutant.ts'

/** Bugs in what groups of one process share, and in being quiet. */
export const GROUPS_MUTANTS: readonly Mutant[] = [
  {
    name: 'quiet-without-everything',
    breaks: 'a follower that lacks something agrees to wait for no heartbeat',
    file: 'core/quiet.ts',
    find: "if (s.role !== 'follower' || s.commit !== m.index || s.log.lastIndex !== m.index) return",
    replace: "if (s.role !== 'follower') return",
    suite: 'groups',
  },
  {
    name: 'quiet-follower-deaf-to-silence',
    breaks: 'a quiet follower is not woken when the node of its leader is gone',
    file: 'core/quiet.ts',
    find: "if (s.role === 'leader' ? s.progress.has(input.peer) : s.leader === input.peer) wake(s)",
    replace: "if (s.role === 'leader' && s.progress.has(input.peer)) wake(s)",
    suite: 'groups',
  },
  {
    name: 'restart-of-a-node-unnoticed',
    breaks: 'groups are not told that the process of a node is another one, which leads nothing',
    file: 'runtime/groups/peer-watch.ts',
    find: "if (life !== lifeBefore) this.#tell({ type: 'silent', peer: from })\n    else if",
    replace: 'if (life === lifeBefore) if',
    suite: 'groups',
  },
  {
    name: 'quiet-with-one-answer',
    breaks: 'a leader sends no heartbeats any more as soon as one follower has agreed',
    file: 'core/quiet.ts',
    find: '  for (const id of s.progress.keys()) if (!q.accepted.has(id)) return\n  if (!isIdle(s)) return\n',
    replace: '  if (!isIdle(s)) return\n',
    suite: 'groups',
  },
  {
    name: 'quiet-offer-taken-twice',
    breaks: 'an offer that was delayed puts a follower to sleep again whose leader is awake',
    file: 'core/quiet.ts',
    find: 'const isRepeated = q.tookTerm === m.term && q.tookOffer >= m.offer',
    replace: 'const isRepeated = false',
    suite: 'groups',
  },
  {
    name: 'quiet-leader-sleeps-through-proposals',
    breaks: 'a command does not wake a quiet leader',
    file: 'core/quiet.ts',
    find: "    case 'propose':\n    case 'read':",
    replace: "    case 'read':",
    suite: 'groups',
  },
  {
    name: 'restatement-undoes-a-write',
    breaks: 'the log of a group that wrote meanwhile is written anew as it was before',
    file: 'storage/groups/log-trimmer.ts',
    find: 'const isIdle = group.writing === 0 && group.lastPlace === lastPlace',
    replace: 'const isIdle = lastPlace >= 0',
    suite: 'groups',
  },
  {
    name: 'shared-write-answered-early',
    breaks: 'a group is told that its record is durable when the shared write begins',
    file: 'storage/groups/shared-writer.ts',
    find: '        await this.#write(batch)\n',
    replace: '        void this.#write(batch)\n',
    suite: 'groups',
  },
]
