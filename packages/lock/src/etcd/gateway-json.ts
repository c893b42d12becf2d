import { LockError } from '../errors.ts'
import type {
  EtcdCompare,
  EtcdEntry,
  EtcdKeys,
  EtcdOperation,
  EtcdResult,
  EtcdTxn,
  EtcdTxnReply,
} from './etcd-client.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text in the JSON of the gateway: base64 of its UTF-8. */
export function toBase64(text: string): string {
  let binary = ''
  for (const byte of encoder.encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The text again; absent is empty, as everywhere in the JSON of protocol buffers. */
export function fromBase64(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw senseless('a key or a value')
  try {
    return decoder.decode(Uint8Array.from(atob(value), (character) => character.charCodeAt(0)))
  } catch {
    throw senseless('a key or a value')
  }
}

/** Keys in a request. */
export function keysToJson({ key, end }: EtcdKeys): object {
  return { key: toBase64(key), ...(end !== undefined && { range_end: toBase64(end) }) }
}

/** A transaction as the body of a request. */
export function txnToJson({ compare, success }: EtcdTxn): object {
  return { compare: compare.map(compareToJson), success: success.map(operationToJson) }
}

function compareToJson(compare: EtcdCompare): object {
  const revision = String(compare.revision)
  return {
    ...keysToJson(compare),
    result: 'EQUAL',
    ...(compare.target === 'create'
      ? { target: 'CREATE', create_revision: revision }
      : { target: 'MOD', mod_revision: revision }),
  }
}

function operationToJson(operation: EtcdOperation): object {
  if (operation.type === 'delete') return { request_delete_range: keysToJson(operation) }
  if (operation.type === 'put') {
    const { key, value, lease } = operation
    const written = value === undefined ? { ignore_value: true } : { value: toBase64(value) }
    return { request_put: { key: toBase64(key), ...written, ...(lease !== undefined && { lease }) } }
  }
  const { createdBefore, limit } = operation
  return {
    request_range: {
      ...keysToJson(operation),
      ...{ sort_order: 'DESCEND', sort_target: 'CREATE' },
      ...(createdBefore !== undefined && { max_create_revision: String(createdBefore - 1) }),
      ...(limit !== undefined && { limit: String(limit) }),
    },
  }
}

/** What a transaction was answered. */
export function txnFromJson(body: unknown, { success }: EtcdTxn): EtcdTxnReply {
  const reply = objectOf(body)
  const revision = integerOf(objectOf(reply['header'])['revision'])
  if (reply['succeeded'] !== true) return { succeeded: false, revision, results: [] }
  const responses = listOf(reply['responses'])
  if (responses.length !== success.length) throw senseless('the number of responses')
  return { succeeded: true, revision, results: responses.map(resultOf) }
}

function resultOf(response: unknown): EtcdResult {
  const { response_range: range, response_delete_range: removal } = objectOf(response)
  return {
    entries: range === undefined ? [] : listOf(objectOf(range)['kvs']).map(entryOf),
    deleted: removal === undefined ? 0 : integerOf(objectOf(removal)['deleted']),
  }
}

function entryOf(value: unknown): EtcdEntry {
  const entry = objectOf(value)
  return {
    key: fromBase64(entry['key']),
    value: fromBase64(entry['value']),
    createRevision: integerOf(entry['create_revision']),
    modRevision: integerOf(entry['mod_revision']),
  }
}

/** What of an answer is an object. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw senseless('an object')
  return value as Readonly<Record<string, unknown>>
}

/** What of an answer is a list; absent is empty. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw senseless('a list')
  return value
}

/** A number of 64 bits, as decimal digits; absent is 0. Revisions are counted and stay small. */
export function integerOf(value: unknown): number {
  if (value === undefined) return 0
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw senseless('a number')
  return number
}

/** The number of a lease stays text: it has 63 bits. */
export function leaseOf(value: unknown): string {
  if (typeof value === 'string' && /^[1-9]\d{0,18}$/.test(value)) return value
  throw senseless('the number of a lease')
}

/** @returns The error for an answer in which `what` is not what it has to be. */
export function senseless(what: string): LockError {
  return new LockError('LOCK_NO_ANSWER', `the answer of etcd makes no sense: ${what}`)
}
