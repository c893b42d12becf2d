/** Longest topic of a broadcast or query, in bytes of UTF-8. */
export const MAX_TOPIC_BYTES = 255
/** Largest payload of a broadcast, in bytes, as long as it fits into one datagram together with topic and sender: with short names and 1,400-byte datagrams it does. */
export const MAX_BROADCAST_BYTES = 1024
/** Largest payload of a question, in bytes, under the same condition. */
export const MAX_QUERY_BYTES = 1024
/** Largest answer, in bytes, under the same condition. */
export const MAX_ANSWER_BYTES = 1024
/** Own messages that wait to be spread, in bytes; more are refused. */
export const MAX_OWN_QUEUE_BYTES: number = 64 * 1024
/** Messages of all senders that wait to be spread on, in bytes; what was sent most often makes room. */
export const MAX_QUEUE_BYTES: number = 256 * 1024
/** Senders whose messages are told apart from their repetitions. */
export const MAX_SENDERS = 4096
/** Own broadcasts whose delivery is being counted. */
export const MAX_DELIVERIES = 1024

/**
 * Why a message of this node's user is not sent.
 *
 * - `'too-large'`: topic or payload is longer than its limit, or both together do not fit into one datagram;
 * - `'queue-full'`: too many are under way already: try again later;
 * - `'left'`: this node has left.
 * @category Messages
 */
export type MessageRefusal = 'too-large' | 'queue-full' | 'left'
