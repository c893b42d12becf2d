/// <reference lib="esnext.disposable" preserve="true" />
import type { EtcdKeys, EtcdWatcher } from './etcd-client.ts'
import type { FetchedResponse } from './fetch.ts'
import { fromBase64, integerOf, keysToJson, listOf, objectOf } from './gateway-json.ts'

/** A watch by the gateway: an answer that does not end, one JSON text a line. */
export class GatewayWatch implements Disposable {
  readonly #watcher: EtcdWatcher
  readonly #aborter = new AbortController()

  constructor(watcher: EtcdWatcher) {
    this.#watcher = watcher
  }

  /** Ends by itself, and says so, whenever something is not as it should be. */
  start(
    keys: EtcdKeys,
    fromRevision: number,
    send: (body: object, signal: AbortSignal) => Promise<FetchedResponse>,
  ): void {
    const request = { ...keysToJson(keys), start_revision: String(fromRevision), filters: ['NOPUT'] }
    send({ create_request: request }, this.#aborter.signal)
      .then((response) => this.#read(response))
      .catch(() => {
        // Whatever it was, nothing comes any more.
      })
      .finally(() => this.#end())
      .catch(() => {
        // A watcher must not throw.
      })
  }

  [Symbol.dispose](): void {
    this.#aborter.abort()
  }

  async #read({ ok, body }: FetchedResponse): Promise<void> {
    if (!ok || body === null) return
    const reader = body.getReader()
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done || this.#aborter.signal.aborted) return
      text += decoder.decode(value, { stream: true })
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) if (line !== '' && !this.#hear(objectOf(JSON.parse(line)))) return
    }
  }

  /** Whether there is more to come. */
  #hear(message: Readonly<Record<string, unknown>>): boolean {
    const result = objectOf(message['result'])
    if (result['canceled'] === true) return false
    for (const item of listOf(result['events'])) {
      const event = objectOf(item)
      const kv = objectOf(event['kv'])
      if (event['type'] !== 'DELETE' || this.#aborter.signal.aborted) continue
      this.#watcher.deleted(fromBase64(kv['key']), integerOf(kv['mod_revision']))
    }
    return true
  }

  #end(): void {
    if (this.#aborter.signal.aborted) return
    this.#aborter.abort()
    this.#watcher.ended()
  }
}
