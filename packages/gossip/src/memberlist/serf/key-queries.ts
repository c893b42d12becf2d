import { Fields } from '../wire/fields.ts'
import { MsgpackReader } from '../wire/msgpack-reader.ts'
import { encodeKeyResponse } from './serf-writer.ts'

/** As much of a keyring as operators reach through `serf keys`. Its methods throw for what cannot be. */
export interface OperatedKeys {
  readonly keys: readonly string[]
  add(key: Uint8Array): void
  use(key: Uint8Array): void
  remove(key: Uint8Array): void
}

/** What an operator changed. */
export type KeyChange = 'install' | 'use' | 'remove'

/** Answers are at most this long, so not more keys are listed than fit. */
const MAX_LISTED = 16

/** Does what an operator asks of every member through Serf's queries about keys. `undefined` for a query of another name. */
export function answerKeyQuery(
  name: string,
  payload: Uint8Array,
  keys: OperatedKeys | undefined,
): { readonly response: Uint8Array; readonly change?: KeyChange } | undefined {
  if (name === 'list-keys') return { response: list(keys) }
  const change = CHANGES.get(name)
  if (change === undefined) return undefined
  const [verb, apply] = change
  const map = new MsgpackReader(payload, 1).map()
  const fields = new Fields(map ?? new Map())
  const key = fields.bytes('Key', 32)
  if (keys === undefined) return { response: refusal('No keyring to modify (encryption not enabled)') }
  if (!fields.ok || key.length === 0) return { response: refusal('The key is missing') }
  try {
    apply(keys, key)
    return { response: encodeKeyResponse({ result: true, text: '', keys: [], primary: '' }), change: verb }
  } catch (error) {
    return { response: refusal(error instanceof Error ? error.message : 'Refused') }
  }
}

const CHANGES: ReadonlyMap<string, readonly [KeyChange, (keys: OperatedKeys, key: Uint8Array) => void]> =
  new Map([
    ['install-key', ['install', (keys, key) => keys.add(key)]],
    ['use-key', ['use', (keys, key) => keys.use(key)]],
    ['remove-key', ['remove', (keys, key) => keys.remove(key)]],
  ])

function list(keys: OperatedKeys | undefined): Uint8Array {
  if (keys === undefined) return refusal('Keyring is empty (encryption not enabled)')
  const [primary = ''] = keys.keys
  return encodeKeyResponse({ result: true, text: '', keys: keys.keys.slice(0, MAX_LISTED), primary })
}

function refusal(text: string): Uint8Array {
  return encodeKeyResponse({ result: false, text, keys: [], primary: '' })
}
