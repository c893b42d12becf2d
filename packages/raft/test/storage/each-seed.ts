import { formatSeed, reproLine, type Seed } from '@colony/testing'

/** Runs every seed; the first that fails ends it, with the line that repeats it. */
export async function eachSeed(
  seeds: readonly Seed[],
  file: string,
  run: (seed: Seed) => Promise<void>,
): Promise<void> {
  for (const seed of seeds) {
    await run(seed).catch((error: unknown) => {
      throw new Error(`seed ${formatSeed(seed)}, repeat with: ${reproLine({ seed, file })}`, {
        cause: error,
      })
    })
  }
}
