/**
 * A source of randomness that a simulation can own and repeat.
 * @category Seams
 */
export interface Random {
  /** A number in [0, 1), with 32 bits of randomness. */
  float(): number
  /** A whole number from `min` to `max`, both included. `max - min` must be below 2^32. */
  integer(min: number, max: number): number
  /**
   * An independent stream that depends only on this stream's seed and `label`, never on what was drawn before:
   * adding a stream, or drawing more from one, does not change any other.
   */
  fork(label: string): Random
}
