import type { Mutant } from './mutant.ts'

/** Bugs in what is remembered so that nothing takes effect twice, and in the time by which it is forgotten. */
export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    name: 'expired-session-begins-anew',
    breaks: 'a command of a session that has expired is applied as if it were the first of a new one',
    file: 'runtime/remembered-sessions.ts',
    find: "    if (session === undefined) return 'expired'\n",
    replace: "    if (session === undefined) { this.open(id, time, Infinity); return 'new' }\n",
  },
  {
    name: 'acknowledged-number-applied-again',
    breaks: 'a late copy of a command whose result was acknowledged is taken for a new one',
    file: 'runtime/remembered-sessions.ts',
    find: "    if (number < session.oldest) return 'forgotten'\n",
    replace: '',
  },
  {
    name: 'session-result-not-remembered',
    breaks: 'a command of a session is applied each time that it comes',
    file: 'runtime/remembered-sessions.ts',
    find: '    this.#sessions.get(id)?.results.set(result.number, result)\n',
    replace: '',
  },
  {
    name: 'sessions-expire-by-the-own-clock',
    breaks: 'each node ends sessions when its own clock says so',
    file: 'runtime/log-time.ts',
    find: '    this.state = new RememberedState(() => this.#clock.onTime())\n',
    replace:
      '    this.state = new RememberedState(() => { this.#clock.onTime(); this.state.sessions.expire(host.clock.now() - limits.sessionsExpireAfterMs) })\n',
  },
  {
    name: 'log-time-goes-back',
    breaks: 'a new leader whose clock is behind sets log time back',
    file: 'runtime/remembered.ts',
    find: '    this.#time = Math.max(this.#time, time)\n',
    replace: '    this.#time = time\n',
  },
  {
    name: 'snapshot-without-sessions',
    breaks: 'snapshots leave sessions out',
    file: 'runtime/snapshots/snapshot-content.ts',
    find: '    for (let from = 0; from < sessions.length;) {\n',
    replace: '    for (let from = sessions.length; from < sessions.length;) {\n',
  },
]
