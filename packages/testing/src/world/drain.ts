/**
 * Macrotask boundaries. Between two of them the engine has run every promise reaction (and Node every next tick), however long their
 * chains, which is what makes "drained completely" true rather than likely.
 */
type Turn = (task: () => void) => void

interface Surroundings {
  readonly setImmediate?: (task: () => void) => unknown
  readonly MessageChannel?: typeof MessageChannel
  readonly setTimeout: (task: () => void, delayMs: number) => unknown
}

// Captured when the module loads, so that fake timers installed by a test runner do not stop the simulation.
const turn: Turn = pickTurn(globalThis as unknown as Surroundings)

function pickTurn(surroundings: Surroundings): Turn {
  const { setImmediate, MessageChannel: Channel, setTimeout } = surroundings
  if (setImmediate !== undefined) return (task) => void setImmediate(task)
  if (Channel === undefined) return (task) => void setTimeout(task, 0)
  const channel = new Channel()
  const waiting: (() => void)[] = []
  channel.port1.onmessage = () => waiting.shift()?.()
  return (task) => {
    waiting.push(task)
    channel.port2.postMessage(0)
  }
}

const LARGEST_BATCH = 128

/**
 * Calls `step` once per macrotask until it returns `false`. Turns are queued in growing batches: Node drains microtasks between two
 * immediates of one batch too, so a batch pays for one turn of the event loop and not for one per event. `rest` is called at the end of each batch, drained as
 * well, before anything else of the process gets its turn.
 */
export function runTurns(step: () => boolean, rest?: () => void): void {
  let queued = 0
  let batch = 1
  let finished = false
  const once = (): void => {
    queued -= 1
    if (finished) return
    finished = !step()
    if (!finished && queued === 0 && rest === undefined) enqueue()
  }
  const pause = (): void => {
    if (finished) return
    rest?.()
    enqueue()
  }
  const enqueue = (): void => {
    batch = Math.min(batch * 2, LARGEST_BATCH)
    queued = batch
    for (let index = 0; index < batch; index += 1) turn(once)
    if (rest !== undefined) turn(pause)
  }
  enqueue()
}
