import { describe, expect, it } from 'vitest'
import type { Peer } from '../src/ring/peer.ts'
import { COLONY, loadPeer, PEERS } from '../src/ring/peers.ts'
import { measurePlacement } from '../src/ring/placement-measures.ts'
import { ratiosOf } from '../src/ring/ratios.ts'
import { formatRingReport, type RingFigures } from '../src/ring/report.ts'
import type { RingRow } from '../src/ring/rows.ts'
import { makeKeys, nodeIds, shuffled } from '../src/ring/workload.ts'

const ids = nodeIds(5)
const extra = '10.0.9.9:7000'
const keys = makeKeys(2_000)

describe('the workload', () => {
  it('is the same every time: half user ids, half uuids, none twice', () => {
    expect(makeKeys(2_000)).toEqual(keys)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys[2]).toBe('user:1000007')
    expect(keys[3]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(nodeIds(300).at(-1)).toBe('10.0.1.43:7000')
  })

  it('rearranges without losing anything', () => {
    expect(shuffled(ids)).not.toEqual(ids)
    expect(new Set(shuffled(ids))).toEqual(new Set(ids))
  })
})

describe.each(Object.keys(PEERS))('%s', (name) => {
  it('gives every key to a member, and to a node that was added some of them', async () => {
    const peer = await loadPeer(name)
    const placer = peer.build(ids)
    const owners = new Set(keys.map((key) => placer.idOf(placer.owner(key))))
    expect(owners).toEqual(new Set(ids))
    const grown = placer.add(extra)
    expect(keys.some((key) => grown.idOf(grown.owner(key)) === extra)).toBe(true)
    const shrunk = grown.remove(extra)
    expect(keys.some((key) => shrunk.idOf(shrunk.owner(key)) === extra)).toBe(false)
    if (placer.replicas !== undefined) expect(placer.replicas('user:1')).toHaveLength(3)
  })

  it('is deterministic, unless it draws lots', async () => {
    const { deterministic } = measurePlacement(await loadPeer(name), ids, extra, keys)
    expect(deterministic).toBe(name !== 'consistent-hash')
  })
})

describe('measurePlacement', () => {
  it('finds nothing out of place with the ring', async () => {
    const figures = measurePlacement(await loadPeer(COLONY), ids, extra, keys)
    expect(figures).toMatchObject({ excessOnAdd: 0, excessOnRemove: 0, orderDependence: 0, unowned: 0 })
    expect(figures.peakToAverage).toBeGreaterThan(1)
    expect(figures.cv).toBeLessThan(0.2)
  })

  it('finds out a modulus: nearly everything moves, and the order decides', () => {
    const figures = measurePlacement(modulus, ids, extra, keys)
    expect(figures.excessOnAdd).toBeGreaterThan(0.5)
    expect(figures.excessOnRemove).toBeGreaterThan(0.4)
    expect(figures.orderDependence).toBeGreaterThan(0.5)
    expect(figures.deterministic).toBe(true)
  })

  it('counts keys that nobody owns', () => {
    const nobody: Peer = { build: (all) => ({ ...modulus.build(all), owner: () => undefined }) }
    expect(measurePlacement(nobody, ids, extra, keys).unowned).toBe(1)
  })
})

/** Key's number modulo the number of nodes: what consistent hashing is there to replace. */
const modulus: Peer = {
  build: (all) => ({
    owner: (key) =>
      all[
        ([...key].reduce((sum, character) => sum * 31 + (character.codePointAt(0) ?? 0), 7) % 1e9) %
          all.length
      ],
    idOf: (answer) => answer as string | undefined,
    add: (id) => modulus.build([...all, id]),
    remove: (id) => modulus.build(all.filter((other) => other !== id)),
  }),
}

describe('the page', () => {
  it('compares with the fastest deterministic peer and shows who threw', () => {
    const rows = [row(COLONY, 50, true), row('fast but random', 60, false), row('slow', 200, true), throwing]
    const ratios = ratiosOf(rows)
    expect(ratios[0]?.what).toContain('(slow)')
    expect(ratios[0]).toMatchObject({ value: 4, goal: 3, met: true })
    expect(ratios.find(({ what }) => what.includes('replicas'))).toMatchObject({ value: 2, met: false })
    const page = formatRingReport({ ...figures, rows, ratios })
    expect(page).toMatch(/ 100 \| slow /)
    expect(page).toContain('- broken with 100 nodes threw: Error: no room')
    expect(page).toContain('< 0.01 %')
    expect(page).toContain('≥ 3')
  })
})

const throwing: RingRow = {
  peer: 'broken',
  nodes: 100,
  speed: undefined,
  placement: undefined,
  error: 'Error: no room',
}

function row(peer: string, ownerNs: number, deterministic: boolean): RingRow {
  const changes = { buildMs: 1, addMs: 1, removeMs: 1 }
  const balance = {
    peakToAverage: 1.2,
    cv: 0.08,
    unowned: 0,
    excessOnAdd: 0,
    excessOnRemove: 0.00001,
    orderDependence: 0,
  }
  return {
    ...{ peer, nodes: 100, error: undefined },
    speed: { ownerNs, replicasNs: ownerNs * 2, memoryBytes: 1e6, allocatedBytes: 0, ...changes },
    placement: { ...balance, deterministic },
  }
}

const figures: RingFigures = {
  bench: 'ring',
  machine: {
    ...{ cpu: 'a', cores: 1, system: 'b', node: 'c', fileSystem: 'd' },
    ...{ fdatasyncMicros: 1, loadAverage: 0 },
  },
  command: 'pnpm bench ring',
  ...{ seconds: 1, rounds: 1, keys: 10, rows: [], ratios: [], hashing: [] },
}
