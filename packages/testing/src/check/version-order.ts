/**
 * Versions of one object, and what is known of which came first: a graph that never has a cycle. Keeps an order that agrees with all it was told, and
 * mends only the part that a new edge contradicts (Pearce and Kelly, "A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs", 2006).
 */
export class VersionOrder {
  readonly #later: number[][]
  readonly #earlier: number[][]
  /** Each version's place. A permutation. */
  readonly #places: Int32Array

  /** Makes an order of versions 0 to `count` - 1, which at first are thought to have come in that order. */
  constructor(count: number) {
    this.#later = Array.from({ length: count }, () => [])
    this.#earlier = Array.from({ length: count }, () => [])
    this.#places = Int32Array.from({ length: count }, (_, version) => version)
  }

  /** Says that `older` came before `newer`. `false`: it is known that it did not, and nothing changed. */
  add(older: number, newer: number): boolean {
    if (older === newer) return false
    const from = this.#places[newer] as number
    const to = this.#places[older] as number
    if (to > from) {
      const after = this.#reach(this.#later, newer, (place) => place <= to)
      if (after.includes(older)) return false
      const before = this.#reach(this.#earlier, older, (place) => place >= from)
      this.#reorder(before, after)
    }
    this.#later[older]?.push(newer)
    this.#earlier[newer]?.push(older)
    return true
  }

  #reach(edges: readonly number[][], start: number, isInside: (place: number) => boolean): number[] {
    const found = [start]
    const seen = new Set(found)
    // Grows while it is walked through.
    for (const version of found) {
      for (const next of edges[version] ?? []) {
        if (seen.has(next) || !isInside(this.#places[next] as number)) continue
        seen.add(next)
        found.push(next)
      }
    }
    return found
  }

  /** Everything before goes in front of everything after, on the places that they have together. */
  #reorder(before: number[], after: number[]): void {
    const byPlace = (left: number, right: number): number =>
      (this.#places[left] as number) - (this.#places[right] as number)
    const versions = [...before.sort(byPlace), ...after.sort(byPlace)]
    const places = versions
      .map((version) => this.#places[version] as number)
      .sort((left, right) => left - right)
    versions.forEach((version, index) => {
      this.#places[version] = places[index] as number
    })
  }
}
