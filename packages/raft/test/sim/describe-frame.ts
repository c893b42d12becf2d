import type { Message } from '../../src/index.ts'
import { decodeFrame, type DriverMessage } from '../../src/runtime/wire.ts'

/** What a frame says, in a few words, for pictures. */
export function describeFrame(_channel: string, frame: Uint8Array): string | undefined {
  const decoded = decodeFrame(frame, '', '')
  return decoded.ok ? describe(decoded.value) : undefined
}

function describe(m: Message | DriverMessage): string {
  switch (m.type) {
    case 'pre-vote-request':
      return `would you vote? term ${m.term}`
    case 'pre-vote-response':
      return `would ${m.granted ? '' : 'not '}vote, term ${m.term}`
    case 'vote-request':
      return `vote!${m.transfer === true ? ' the leader asks,' : ''} term ${m.term}`
    case 'vote-response':
      return `${m.granted ? 'has' : 'has not'} voted, term ${m.term}`
    case 'append-request':
      return `${span(m.prevIndex + 1, m.entries.length)}, term ${m.term}, commit ${m.commit}`
    case 'append-response':
      return `${m.success ? 'has' : 'lacks'} ${m.index}, term ${m.term}`
    case 'timeout-now':
      return `campaign now, after term ${m.term}`
    case 'priority':
      return `my priority is ${m.priority}`
    case 'quiet-offer':
      return `shall we be quiet? at ${m.index}, term ${m.term}`
    case 'quiet-answer':
      return `quiet, term ${m.term}`
    case 'wake':
      return `are you there? term ${m.term}`
    case 'membership-query':
      return `am I a member? term ${m.term}`
    case 'membership-notice':
      return `you were ${m.status}, ${m.index}`
    case 'transfer':
      return `hand over${m.to === '' ? '' : ` to ${m.to}`}, term ${m.term}`
    case 'transfer-reply':
      return `handing over: ${m.status}`
    case 'snapshot-offer':
      return `snapshot ${m.index} of ${m.bytes} bytes, term ${m.term}`
    case 'snapshot-chunk':
      return `snapshot ${m.index}: bytes ${m.offset}..${m.offset + m.data.length - 1}`
    case 'snapshot-status':
      return `snapshot ${m.index}: ${m.status}, from byte ${m.offset}`
    case 'forward':
      return `command ${m.request}, term ${m.term}`
    case 'forward-reply':
      return `command ${m.request}: ${m.status}`
    case 'members':
      return `members: ${m.change.type}`
    case 'members-reply':
      return `members: ${m.status}${m.problem}`
    case 'version':
      return `speaks version ${m.version}${m.asks === 'nothing' ? '' : `, asks for ${m.asks}`}`
    case 'read':
      return `read ${m.request}`
    case 'read-reply':
      return `read ${m.request}: ${m.index < 0 ? 'not the leader' : `at ${m.index}`}`
  }
}

function span(first: number, count: number): string {
  if (count === 0) return 'heartbeat'
  return count === 1 ? `append ${first}` : `append ${first}..${first + count - 1}`
}
