/**
 * What every child process does: listens to the orchestrator, and ends with it, however that ended. `onOrphaned` runs first.
 */
export function serveOrchestrator<Incoming>(
  onMessage: (message: Incoming) => void | Promise<void>,
  onOrphaned: () => void = () => {},
): void {
  process.on('message', (message) => {
    // A rejection ends this process, which the orchestrator takes for what it is: a failure of the run.
    void onMessage(message as Incoming)
  })
  process.on('disconnect', () => {
    onOrphaned()
    process.exit()
  })
  // Ctrl-C goes to every process of a terminal; the orchestrator alone decides what it means.
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
}

/** Tells the orchestrator something. */
export function tell<Outgoing>(message: Outgoing): void {
  if (process.connected) process.send?.(message)
}
