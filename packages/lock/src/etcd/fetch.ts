/**
 * What `etcdGateway` needs of an answer to `fetch`.
 * @category Etcd
 */
export interface FetchedResponse {
  /** Whether the status is one of success. */
  readonly ok: boolean
  /** The status of HTTP. */
  readonly status: number
  /** The body, bit by bit. */
  readonly body: ReadableStream<Uint8Array> | null
  /** The body. */
  text(): Promise<string>
}

/**
 * What `etcdGateway` needs of `fetch`.
 * @category Etcd
 */
export type Fetch = (
  url: string,
  init: {
    /** Always this one. */
    readonly method: 'POST'
    /** Names and values. */
    readonly headers: Readonly<Record<string, string>>
    /** JSON. */
    readonly body: string
    /** Ends the request. */
    readonly signal: AbortSignal
  },
) => Promise<FetchedResponse>
