/**
 * Leaves out as much of a list as it can: halves first, then ever smaller pieces, at last single items again and again until none can be left out (delta debugging;
 * Zeller and Hildebrandt 2002, with removals only).
 * @param stillFails Whether what is left still shows what it should. It is never asked about the whole list.
 */
export async function leaveOut<Item>(
  items: readonly Item[],
  stillFails: (left: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  if (items.length === 0) return items
  if (await stillFails([])) return []
  let left = items
  for (let size = Math.ceil(left.length / 2); left.length > 1; size = Math.max(1, size >> 1)) {
    const before = left.length
    left = await leaveOutPieces(left, size, stillFails)
    if (size === 1 && left.length === before) break
  }
  return left
}

/** One way through the list, from its end: what comes later seldom matters to what came before. */
async function leaveOutPieces<Item>(
  items: readonly Item[],
  size: number,
  stillFails: (left: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let left = items
  for (let end = left.length; end > 0; end -= size) {
    const without = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)]
    if (without.length > 0 && (await stillFails(without))) left = without
  }
  return left
}
