import type { MessageRefusal } from '../core/dissemination/message-limits.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_BROADCAST_BYTES,
  MAX_TOPIC_BYTES,
} from '../core/dissemination/message-limits.ts'
import type { CoreOutputs } from '../core/input.ts'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../core/state/state-limits.ts'
import { GossipError, type GossipErrorCode } from '../errors.ts'

type Refusal = NonNullable<CoreOutputs['refused']>

const REFUSALS: Readonly<Record<Refusal, readonly [code: GossipErrorCode, why: string]>> = {
  'invalid-key': ['GOSSIP_INVALID_OPTION', `a key is 1 to ${MAX_KEY_BYTES} bytes of well-formed UTF-8`],
  'invalid-ttl': ['GOSSIP_INVALID_OPTION', 'ttlMs must be a positive number of milliseconds'],
  'value-too-large': ['GOSSIP_TOO_LARGE', `a value has at most ${MAX_VALUE_BYTES} bytes`],
  'too-many-keys': ['GOSSIP_STATE_FULL', 'there are as many keys as there may be'],
  'too-many-bytes': ['GOSSIP_STATE_FULL', 'the state has as many bytes as it may have'],
  'too-large': [
    'GOSSIP_TOO_LARGE',
    `a message has at most ${MAX_BROADCAST_BYTES} bytes (an answer ${MAX_ANSWER_BYTES}), its topic at most ${MAX_TOPIC_BYTES}, and both fit into one datagram together`,
  ],
  'queue-full': ['GOSSIP_OVERLOADED', 'as many messages are under way as may be'],
  left: ['GOSSIP_CLOSED', 'this node has left'],
}

/** What a core refused, as an error for the caller who said it. */
export function refusalError(what: string, refusal: MessageRefusal | Refusal): GossipError {
  const [code, why] = REFUSALS[refusal]
  return new GossipError(code, `${what}: ${why}`, { retryable: code === 'GOSSIP_OVERLOADED' })
}
