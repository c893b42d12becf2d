import { replaced } from './length-lies.ts'

const EMPTY = new Uint8Array(0)

/**
 * The shortest input that can be reached by leaving ranges out (ever smaller ones: ddmin of Zeller and Hildebrandt, 2002), with as many zeros in it
 * as possible, so that what is left is what matters. Asks `fails` at most `budget` times.
 */
export async function minimise(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
  budget: number,
): Promise<Uint8Array> {
  let left = budget
  const stillFails = async (candidate: Uint8Array): Promise<boolean> => left-- > 0 && (await fails(candidate))
  let smallest = input
  for (let size = Math.max(1, input.length >> 1); size >= 1 && left > 0; size >>= 1) {
    for (let at = smallest.length - size; at > -size && left > 0; at -= size) {
      const start = Math.max(0, at)
      const candidate = replaced(smallest, start, Math.min(smallest.length, at + size), EMPTY)
      if (candidate.length < smallest.length && (await stillFails(candidate))) smallest = candidate
    }
  }
  for (let at = 0; at < smallest.length && left > 0; at++) {
    if (smallest[at] === 0) continue
    const candidate = smallest.slice()
    candidate[at] = 0
    if (await stillFails(candidate)) smallest = candidate
  }
  return smallest
}
