import { showEntry, showLog } from './picture.ts'
import type { Stage } from './stage.ts'

/** What `expect …` says that is not so; `undefined` when it is. */
export function unmet(stage: Stage, words: readonly string[]): string | undefined {
  const [subject = '', what = '', ...rest] = words
  if (subject === 'messages') return differs(what, stage.under({}).length === 0 ? 'none' : 'some')
  if (subject === 'log') return differs(rest.join(' '), bareLog(stage, what))
  const core = stage.cores.core(subject)
  if (what === 'log') return differs(rest.join(' '), showLog(stage, subject))
  if (what === 'commit') return differs(rest.join(' '), String(core.commitIndex))
  if (what === 'applied') return differs(rest.join(' '), applied(stage, subject))
  const { role, term, leader } = core
  const of = rest[0] === 'of' ? ` of ${leader ?? 'nobody'}` : ''
  return differs(
    `${what} ${rest.join(' ')}`.trim(),
    `${role}${of}${rest.includes('term') ? ` term ${term}` : ''}`,
  )
}

function differs(expected: string, is: string): string | undefined {
  return expected === is ? undefined : `expected ${expected}, it is ${is}`
}

/** The log without what is committed. */
function bareLog(stage: Stage, id: string): string {
  const core = stage.cores.core(id)
  const shown: string[] = []
  for (let index = 1; index <= core.lastIndex; index++) shown.push(showEntry(core.entryAt(index)))
  return shown.join(' ')
}

function applied(stage: Stage, id: string): string {
  return stage.cores.member(id).applied.map(showEntry).join(' ')
}
