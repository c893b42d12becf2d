/// <reference lib="esnext.disposable" preserve="true" />
import { showValue } from '@colony/host'
import { invalidOption } from '../runtime/options.ts'
import {
  type EtcdClient,
  EtcdError,
  type EtcdKeys,
  type EtcdLease,
  type EtcdTxn,
  type EtcdTxnReply,
  type EtcdWatcher,
  NOT_FOUND,
  UNAVAILABLE,
} from './etcd-client.ts'
import type { Fetch, FetchedResponse } from './fetch.ts'
import { integerOf, leaseOf, objectOf, txnFromJson, txnToJson } from './gateway-json.ts'
import { GatewayWatch } from './gateway-watch.ts'

/**
 * What {@link etcdGateway} takes besides addresses.
 * @category Etcd
 */
export interface EtcdGatewayOptions {
  /** Sends requests. Default: the global one. */
  readonly fetch?: Fetch
  /** Sent along with every request: `{ authorization: token }`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * etcd 3.4 and later by its gateway for HTTP and JSON, which every member has on its client port: no dependency, one `fetch` for each request. With several members, the next one is asked after
 * one could not be reached; nothing is asked twice.
 * @param urls Where the members are: `'http://127.0.0.1:2379'`.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Etcd
 */
export function etcdGateway(urls: string | readonly string[], options: EtcdGatewayOptions = {}): EtcdClient {
  const list = typeof urls === 'string' ? [urls] : [...urls]
  if (list.length === 0) throw invalidOption('urls must name a member of etcd, not none')
  for (const url of list) {
    if (typeof url === 'string' && /^https?:\/\/[^/]+/.test(url)) continue
    throw invalidOption(`urls must be of http or https, not ${showValue(url)}`)
  }
  return new EtcdGateway(
    list.map((url) => url.replace(/\/+$/, '')),
    options,
  )
}

class EtcdGateway implements EtcdClient {
  readonly #urls: readonly string[]
  readonly #fetch: Fetch
  readonly #headers: Readonly<Record<string, string>>
  /** The member that is asked now. */
  #current = 0

  constructor(urls: readonly string[], options: EtcdGatewayOptions) {
    this.#urls = urls
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init))
    this.#headers = { 'content-type': 'application/json', ...options.headers }
  }

  async txn(txn: EtcdTxn, signal: AbortSignal): Promise<EtcdTxnReply> {
    return txnFromJson(await this.#ask('kv/txn', txnToJson(txn), signal), txn)
  }

  async grantLease(ttlSeconds: number, signal: AbortSignal): Promise<EtcdLease> {
    const reply = objectOf(await this.#ask('lease/grant', { TTL: String(ttlSeconds) }, signal))
    return { id: leaseOf(reply['ID']), ttlSeconds: integerOf(reply['TTL']) }
  }

  async keepAlive(lease: string, signal: AbortSignal): Promise<number> {
    const reply = objectOf(await this.#ask('lease/keepalive', { ID: lease }, signal))
    return integerOf(objectOf(reply['result'])['TTL'])
  }

  async revokeLease(lease: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#ask('lease/revoke', { ID: lease }, signal)
    } catch (error) {
      if (!(error instanceof EtcdError) || error.code !== NOT_FOUND) throw error
    }
  }

  watchDeletes(keys: EtcdKeys, fromRevision: number, watcher: EtcdWatcher): Disposable {
    const watch = new GatewayWatch(watcher)
    watch.start(keys, fromRevision, (body, signal) => this.#send('watch', body, signal))
    return watch
  }

  async #ask(path: string, question: object, signal: AbortSignal): Promise<unknown> {
    const response = await this.#send(path, question, signal)
    const text = await response.text()
    const reply = parse(text)
    if (response.ok && reply !== undefined) return reply
    throw errorOf(response.status, reply)
  }

  async #send(path: string, question: object, signal: AbortSignal): Promise<FetchedResponse> {
    const url = this.#urls[this.#current % this.#urls.length] ?? ''
    const init = { method: 'POST', headers: this.#headers, body: JSON.stringify(question), signal } as const
    const asked = this.#current
    try {
      return await this.#fetch(`${url}/v3/${path}`, init)
    } catch (error) {
      // Whoever was asked by several at once is left once.
      if (this.#current === asked) this.#current += 1
      if (signal.aborted) throw error
      throw new EtcdError(UNAVAILABLE, `etcd at ${url} cannot be reached`, { cause: error })
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorOf(status: number, reply: unknown): EtcdError {
  const { code, message } = (reply ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'number') return new EtcdError(code, `etcd: ${String(message)}`)
  return new EtcdError(UNAVAILABLE, `etcd has answered with the status ${status}, and no reason`)
}
