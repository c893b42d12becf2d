import type { Entry, Message } from '../../src/index.ts'
import type { Stage } from './stage.ts'

/** One line for each node: what it is, and its log, of which what is committed as far as it knows stands in brackets. */
export function showNodes(stage: Stage): readonly string[] {
  return stage.ids.map((id) => {
    if (!stage.isUp(id)) return `${id}  is down`
    const { role, term, leader } = stage.cores.core(id)
    const follows = role === 'follower' && leader !== undefined ? `follower of ${leader}` : role
    return `${id}  ${follows.padEnd(13)} term ${term}  ${showLog(stage, id)}`
  })
}

/** `[1 1:x] 2:y`: an entry without a command is what a leader opens its term with. */
export function showLog(stage: Stage, id: string): string {
  const core = stage.cores.core(id)
  const shown: string[] = []
  for (let index = 1; index <= core.lastIndex; index++) {
    const opens = index === 1 && core.commitIndex > 0 ? '[' : ''
    shown.push(`${opens}${showEntry(core.entryAt(index))}${index === core.commitIndex ? ']' : ''}`)
  }
  return shown.join(' ')
}

/** One line for each message, in the order of sending. */
export function showMessages(messages: readonly Message[]): readonly string[] {
  return messages.length === 0 ? ['nothing is under way'] : messages.map(showMessage)
}

export function showEntry(entry: Entry | undefined): string {
  if (entry === undefined) return '?'
  const text = String.fromCharCode(...entry.data)
  return text === '' ? `${entry.term}` : `${entry.term}:${text}`
}

function showMessage(m: Message): string {
  return `${m.from}→${m.to}  ${m.type}, term ${m.term}${details(m)}`
}

function details(m: Message): string {
  switch (m.type) {
    case 'append-request': {
      const entries = m.entries.length === 0 ? 'none' : m.entries.map(showEntry).join(' ')
      return `, after ${m.prevIndex} of term ${m.prevTerm}: ${entries}; commit ${m.commit}`
    }
    case 'append-response':
      return m.success
        ? `, has ${m.index}`
        : `, has not ${m.index}; try after ${m.hintIndex} of term ${m.hintTerm}`
    case 'vote-request':
    case 'pre-vote-request':
      return `, log up to ${m.lastIndex} of term ${m.lastTerm}`
    case 'vote-response':
    case 'pre-vote-response':
      return m.granted ? ', yes' : ', no'
    default:
      return ''
  }
}
