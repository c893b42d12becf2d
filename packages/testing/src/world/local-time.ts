/**
 * A node's own time line: `local = anchor + rate × (world - anchor)`, piecewise. Microseconds on both sides.
 * Quartz drifts by 10^-5 to 10^-4; virtual machines that migrate or are starved do far worse, so rates of half and double are fair tests.
 */
export class LocalTime {
  #worldAnchor: number
  #localAnchor: number
  #rate: number

  /** Local time `local` at world time `world`, from then on running at `rate`. */
  constructor(world: number, local: number, rate: number) {
    this.#worldAnchor = world
    this.#localAnchor = local
    this.#rate = rate
  }

  /** Local microseconds per world microsecond. */
  get rate(): number {
    return this.#rate
  }

  /** The local time at a world time that is not before the last change. */
  at(world: number): number {
    return this.#localAnchor + (world - this.#worldAnchor) * this.#rate
  }

  /** Changes the rate from `world` on, after a jump: forwards only, unless it shows the time of day. */
  change(world: number, rate: number, jump: number): void {
    this.#localAnchor = this.at(world) + jump
    this.#worldAnchor = world
    this.#rate = rate
  }

  /** World microseconds from `world` until the local clock shows `due`; a whole number, at least 0. */
  until(world: number, due: number): number {
    return Math.max(0, Math.ceil((due - this.at(world)) / this.#rate))
  }
}
