import type { ProcessState, RealProcess } from './real-process.ts'

/**
 * What a node asks of its process; a {@link RealProcess} has it, whatever it says and hears.
 * @category Processes
 */
export type ControlledProcess = Pick<RealProcess, 'state' | 'kill' | 'pause' | 'resume'>

/**
 * What faults are done to: a node of a cluster whose processes come and go. {@link createProcessNode} makes one; write your own for what is started another way (a container,
 * a program in another language).
 * @category Processes
 */
export interface RealNode {
  /** What its process is doing. */
  readonly state: ProcessState
  /** Ends the process without a farewell; resolves when it is gone. */
  kill(): Promise<unknown>
  /** Starts the next process on the same files; resolves when that is ready. */
  restart(): Promise<unknown>
  /** Stops the process where it is. */
  pause(): void
  /** Lets it go on. */
  resume(): void
  /** Removes its files, of which no process is running. Without it, no step can wipe the node. */
  wipe?(): Promise<unknown>
}

/**
 * Starts a node that can be started again.
 * @param start Starts a process, and resolves when it is ready: usually when it has said where it listens. Called once now, and again for each restart.
 * @category Processes
 */
export async function createProcessNode<Started extends ControlledProcess>(
  start: () => Promise<Started>,
): Promise<ProcessNode<Started>> {
  return new ProcessNode(start, await start())
}

/**
 * A node that runs one process after the other. Made by {@link createProcessNode}.
 * @category Processes
 */
export class ProcessNode<Started extends ControlledProcess> implements RealNode {
  readonly #start: () => Promise<Started>
  #process: Started

  /** @internal */
  constructor(start: () => Promise<Started>, started: Started) {
    this.#start = start
    this.#process = started
  }

  /** The process that was started last, which may be down. */
  get process(): Started {
    return this.#process
  }

  /** What that process is doing. */
  get state(): ProcessState {
    return this.#process.state
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#process.kill()
  }

  /** Starts the next process, after the end of the one that runs. */
  async restart(): Promise<void> {
    await this.kill()
    this.#process = await this.#start()
  }

  /** `kill -STOP`. */
  pause(): void {
    this.#process.pause()
  }

  /** `kill -CONT`. */
  resume(): void {
    this.#process.resume()
  }
}
