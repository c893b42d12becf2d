import type { Entry, Message } from '../../src/index.ts'
import { decodeMembership, type Membership } from '../../src/core/membership.ts'
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
  const { firstIndex } = core
  if (firstIndex > 1) shown.push(`[snapshot of ${firstIndex - 1}${core.commitIndex < firstIndex ? ']' : ''}`)
  for (let index = firstIndex; index <= core.lastIndex; index++) {
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
  if (entry.kind === 'configuration') return `${entry.term}:${showMembership(decodeMembership(entry.data))}`
  const text = String.fromCharCode(...entry.data)
  return text === '' ? `${entry.term}` : `${entry.term}:${text}`
}

/** `{a,b}+c`: a and b vote, c learns; `{a,b}→{b,c}`: while joint, both majorities decide. */
function showMembership(membership: Membership | undefined): string {
  if (membership === undefined) return '?'
  const { voters, outgoing, learners } = membership
  const from = outgoing.length === 0 ? '' : `{${outgoing.join(',')}}→`
  const and = learners.length === 0 ? '' : `+${learners.join(',')}`
  return `${from}{${voters.join(',')}}${and}`
}

function showMessage(m: Message): string {
  const asked = m.type === 'vote-request' && m.transfer === true ? ', as the leader asks' : ''
  return `${m.from}→${m.to}  ${m.type}, term ${m.term}${details(m)}${asked}`
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
