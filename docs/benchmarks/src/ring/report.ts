import { formatMachine, type Machine } from '../measure/machine.ts'
import { type Column, formatMs, formatTable } from '../measure/table.ts'
import type { HashingRow } from './hashing.ts'
import type { PlacementFigures } from './placement-measures.ts'
import type { Ratio } from './ratios.ts'
import type { RingRow } from './rows.ts'

/** Everything that one run found out. */
export interface RingFigures {
  readonly bench: 'ring'
  readonly machine: Machine
  readonly command: string
  readonly seconds: number
  readonly rounds: number
  readonly keys: number
  readonly rows: readonly RingRow[]
  readonly ratios: readonly Ratio[]
  readonly hashing: readonly HashingRow[]
}

/** The page. */
export function formatRingReport(figures: RingFigures): string {
  const { machine, command, rows, ratios, hashing } = figures
  const sections = ['# ring', `\`${command}\` on ${formatMachine(machine)}.`]
  if (rows.length > 0) {
    sections.push('## Speed and memory', SPEED_TEXT, speedTable(rows), ...errorList(rows))
    sections.push('## Placement', PLACEMENT_TEXT, placementTable(rows))
  }
  if (ratios.length > 0) sections.push('## Goals', GOALS_TEXT, ratioTable(ratios))
  if (hashing.length > 0) sections.push('## Hash alone', HASHING_TEXT, hashingTable(hashing))
  return `${sections.join('\n\n')}\n`
}

const SPEED_TEXT =
  'Every node has 160 points; half the keys are user ids, half uuids. _build_, _add_ and _remove_ include the first lookup behind them. ' +
  "Lookups at their best of many passes, changes in the middle. _memory_ is what one instance holds, nodes included. hashring's cache has its default size, " +
  '5000 answers, and never hits: 10,000 other keys come in between. consistent-hash throws with 1000 nodes unless it is given a larger range than its ' +
  'default, which it is here. effect and node-hashring have no replicas. Peers change in place, colony makes a new snapshot beside the old one. ' +
  '_colony_ is its ring; partitions are 65,536, Maglev and rendezvous have their defaults.'

const PLACEMENT_TEXT =
  '_peak_ and _cv_ are of the number of keys each node has: the fullest over the average, and standard deviation over average. _excess_: keys that ' +
  'moved although they did not have to, when a node was added and when one was removed. _order_: keys with another owner when the same nodes are ' +
  'given in another order. _same twice_: whether two made from one list agree. All but _peak_ and _cv_ are shares of all keys.'

const GOALS_TEXT =
  'A peer is deterministic when two made from one list agree; one that draws its points by lot cannot serve several processes. ' +
  'One that leaves keys without an owner does not count either.'

const HASHING_TEXT =
  "XXH32 of ASCII keys in nanoseconds: colony's own in TypeScript, and a call of xxhash-wasm. Both give the same numbers; colony takes whichever is " +
  'faster at a length.'

/** What was thrown, in full: a table's cell has no room for it. */
function errorList(rows: readonly RingRow[]): string[] {
  const lines = rows.flatMap(({ peer, nodes, error }) =>
    error === undefined ? [] : [`- ${peer} with ${nodes} nodes threw: ${error}`],
  )
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function right(...titles: string[]): Column[] {
  return titles.map((title) => ({ title, align: 'right' }))
}

function left(title: string): Column {
  return { title, align: 'left' }
}

function speedTable(rows: readonly RingRow[]): string {
  const columns = [
    ...right('nodes'),
    left('peer'),
    ...right('build ms', 'owner ns', 'replicas(3) ns', 'add ms', 'remove ms', 'memory KB', 'B/owner'),
  ]
  return formatTable(
    columns,
    rows.map(({ nodes, peer, speed, error }) => {
      if (speed === undefined) return [String(nodes), peer, error === undefined ? '' : 'throws']
      const { buildMs, ownerNs, replicasNs, addMs, removeMs, memoryBytes, allocatedBytes } = speed
      return [
        ...[String(nodes), peer, formatMs(buildMs), formatNs(ownerNs), formatNs(replicasNs), formatMs(addMs)],
        ...[formatMs(removeMs), formatCount(memoryBytes / 1000), formatCount(allocatedBytes)],
      ]
    }),
  )
}

function placementTable(rows: readonly RingRow[]): string {
  const titles = ['peak', 'cv', 'excess add', 'excess remove', 'order', 'without owner', 'same twice']
  return formatTable(
    [...right('nodes'), left('peer'), ...right(...titles)],
    rows.map(({ nodes, peer, placement, error }) => [
      ...[String(nodes), peer],
      ...(placement === undefined ? [error === undefined ? '' : 'throws'] : placementCells(placement)),
    ]),
  )
}

function placementCells(figures: PlacementFigures): string[] {
  const { peakToAverage, cv, excessOnAdd, excessOnRemove, orderDependence, unowned, deterministic } = figures
  return [
    ...[peakToAverage.toFixed(3), cv.toFixed(3)],
    ...[excessOnAdd, excessOnRemove, orderDependence, unowned].map(formatShare),
    deterministic ? 'yes' : 'no',
  ]
}

const SIDES: Readonly<Record<Ratio['side'], string>> = { least: '≥', most: '≤', below: '<' }

function ratioTable(ratios: readonly Ratio[]): string {
  return formatTable(
    [...right('nodes'), left('what'), ...right('measured', 'goal'), left('met')],
    ratios.map(({ nodes, what, value, goal, side, met }) => {
      return [
        String(nodes),
        what,
        formatPlain(value),
        `${SIDES[side]} ${formatPlain(goal)}`,
        met ? 'yes' : 'no',
      ]
    }),
  )
}

function hashingTable(rows: readonly HashingRow[]): string {
  return formatTable(
    right('bytes', 'string, TypeScript', 'string, wasm', 'Uint8Array, TypeScript', 'Uint8Array, wasm'),
    rows.map(({ length, stringPure, stringWasm, bytesPure, bytesWasm }) => [
      String(length),
      ...[stringPure, stringWasm, bytesPure, bytesWasm].map(formatNs),
    ]),
  )
}

function formatNs(ns: number | undefined): string {
  if (ns === undefined) return '–'
  return ns < 100 ? ns.toFixed(1) : formatCount(ns)
}

function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Nothing is a plain 0; whatever rounds to nothing is not. */
function formatShare(share: number): string {
  if (share === 0) return '0'
  return share < 0.00005 ? '< 0.01 %' : `${(share * 100).toFixed(2)} %`
}

function formatPlain(value: number): string {
  return String(Number(value.toFixed(2)))
}
