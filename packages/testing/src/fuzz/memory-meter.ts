interface Surroundings {
  readonly process?: {
    memoryUsage?(): { readonly heapUsed: number; readonly external: number }
  }
}

/** Reads what is allocated, where the platform tells; `undefined` where it does not. */
export function heapReader(): (() => number) | undefined {
  const { process } = globalThis as unknown as Surroundings
  if (process?.memoryUsage === undefined) return undefined
  const usage = process.memoryUsage.bind(process)
  return () => {
    const { heapUsed, external } = usage()
    return heapUsed + external
  }
}
