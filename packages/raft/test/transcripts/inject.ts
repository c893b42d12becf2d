import type { Entry, Message } from '../../src/index.ts'
import { entryOf } from './stage.ts'

/**
 * A message made by hand, for what a network may still hold from earlier: `vote-request c→b term 9 log up to 3 of term 2`, `vote-response b→c term 9 granted`,
 * `append-request a→c term 6 after 2 of term 1 entries 3 3:y commit 0`.
 */
export function madeByHand(words: readonly string[]): Message {
  const [type = '', arrow = ''] = words
  const [from = '', to = ''] = arrow.split('→')
  const number = (name: string): number => Number(words[words.indexOf(name) + 1] ?? 0)
  const envelope = { from, to, term: number('term') }
  const ofTerm = Number(words[words.indexOf('of') + 2] ?? 0)
  switch (type) {
    case 'vote-request':
      return { type, ...envelope, lastIndex: number('to'), lastTerm: ofTerm }
    case 'vote-response':
      return { type, ...envelope, granted: words.includes('granted') }
    case 'append-request': {
      const position = { prevIndex: number('after'), prevTerm: ofTerm, commit: number('commit') }
      return {
        type,
        ...envelope,
        ...position,
        round: 0,
        echo: 0,
        quorumAgeMs: -1,
        leaseMs: 0,
        entries: entriesIn(words),
      }
    }
    default:
      throw new Error(`a ${type} cannot be made by hand`)
  }
}

function entriesIn(words: readonly string[]): readonly Entry[] {
  const from = words.indexOf('entries')
  const to = words.indexOf('commit')
  return from < 0 ? [] : words.slice(from + 1, to < 0 ? words.length : to).map(entryOf)
}
