/**
 * What a request wants of one key. Three kinds of lock are one thing here: a key has a number of permits, and a claim takes some of them.
 *
 * - a mutex takes the only permit of 1;
 * - a writer takes a key alone, readers take it together (`shared`);
 * - a semaphore takes `permits` of `limit`.
 * @category Backends
 */
export interface Claim {
  /** What is locked. */
  readonly key: string
  /** Whether other shared claims may hold the key at the same time. */
  readonly shared: boolean
  /** How many permits. 1 but for semaphores. */
  readonly permits: number
  /** How many there are. 1 but for semaphores; all claims of one key that are there at the same time have to agree on it. */
  readonly limit: number
}
