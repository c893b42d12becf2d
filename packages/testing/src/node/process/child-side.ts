/**
 * What a program that {@link ProcessGroup.start} runs calls first: it hears what the parent sends, and ends with the parent, however that ended.
 * Ctrl-C, which goes to every process of a terminal, is left to the parent.
 * @param onMessage What to do with a message. A rejection ends this process, which the parent hears of.
 * @param onOrphaned Runs before this process ends because the parent did.
 * @category Processes
 */
export function serveParent<Incoming>(
  onMessage: (message: Incoming) => void | Promise<void>,
  onOrphaned: () => void = () => {},
): void {
  process.on('message', (message) => {
    void onMessage(message as Incoming)
  })
  process.on('disconnect', () => {
    onOrphaned()
    process.exit()
  })
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
}

/**
 * Tells the parent something, as JSON. Without a parent that listens it does nothing.
 * @category Processes
 */
export function tellParent<Outgoing>(message: Outgoing): void {
  if (process.connected) process.send?.(message)
}
