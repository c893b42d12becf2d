import { sameValue } from '../../check/value-key.ts'
import { Mismatch } from '../conformance-error.ts'
import { expectEqual, expectTrue } from '../expectations.ts'
import type { MachineBench, MachineCase } from './machine-bench.ts'
import { watchOutside } from './outside-world.ts'

const DETERMINISTIC =
  '`apply` must be synchronous and deterministic: the same commands give the same state and the same results on every node and after ' +
  'every restart, so it reads no clock, no randomness and nothing outside.'

/** What can be seen of a machine from outside. */
export const MACHINE_CASES: readonly MachineCase[] = [
  {
    name: 'results come at once, not later',
    clause: DETERMINISTIC,
    check: (bench) => {
      for (const [at, result] of bench.run().results.entries()) {
        const isLater = typeof result === 'object' && result !== null && 'then' in result
        expectTrue(!isLater, `command ${at + 1} returned a promise`)
      }
    },
  },
  {
    name: 'no command makes the machine throw',
    clause:
      'An expected failure (no such account) is a result, not an exception: a machine that throws stops its node, since nobody can ' +
      'know whether the half-done change is the same everywhere.',
    check: (bench) => {
      const machine = bench.fresh()
      for (const at of bench.commands.keys()) {
        try {
          bench.apply(machine, at)
        } catch (error) {
          throw new Mismatch(`command ${at + 1} made it throw: ${String(error)}`)
        }
      }
    },
  },
  {
    name: 'the same commands give the same results, one machine after the other and side by side',
    clause: DETERMINISTIC,
    check: (bench) => {
      const first = bench.run()
      const others = [bench.run(), ...sideBySide(bench).map((results) => ({ results }))]
      for (const [at, result] of first.results.entries()) {
        for (const { results } of others) same(results[at], result, `the result of command ${at + 1}`)
      }
    },
  },
  {
    name: 'the same commands give the same state',
    clause: DETERMINISTIC,
    needs: 'state',
    check: (bench) => {
      const [one, other] = [bench.fresh(), bench.fresh()]
      same(bench.state(other), bench.state(one), 'the first state')
      for (const at of bench.commands.keys()) {
        attempt(() => bench.apply(one, at))
        attempt(() => bench.apply(other, at))
        same(bench.state(other), bench.state(one), `the state after command ${at + 1}`)
      }
      const later = bench.fresh()
      for (const at of bench.commands.keys()) attempt(() => bench.apply(later, at))
      same(bench.state(later), bench.state(one), 'the state of a machine that starts when others have ended')
    },
  },
  {
    name: 'it asks neither a clock nor chance',
    clause: DETERMINISTIC,
    check: (bench) => {
      const machine = bench.fresh()
      for (const at of bench.commands.keys()) {
        const asked: string[] = []
        watchOutside(
          (what) => asked.push(what),
          () => attempt(() => bench.apply(machine, at)),
        )
        expectEqual(asked, [], `what command ${at + 1} asked of the world outside`)
      }
    },
  },
  {
    name: 'every result can be told to other nodes',
    clause: 'Bytes of results, for nodes other than the leader and for repeated idempotency keys.',
    check: (bench) => {
      for (const [at, result] of bench.run().results.entries()) {
        const told = bench.resultCodec.decode(bench.resultCodec.encode(result))
        same(told, result, `the result of command ${at + 1}, encoded and decoded`)
      }
    },
  },
]

function sideBySide(bench: MachineBench): readonly (readonly unknown[])[] {
  const [left, right] = [bench.fresh(), bench.fresh()]
  const [ofLeft, ofRight]: [unknown[], unknown[]] = [[], []]
  for (const at of bench.commands.keys()) {
    ofLeft.push(bench.apply(left, at))
    ofRight.push(bench.apply(right, at))
  }
  return [ofLeft, ofRight]
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (!sameValue(actual, expected)) expectEqual(actual, expected, what)
}

/** Throwing is what another case looks for. */
function attempt(act: () => unknown): void {
  try {
    act()
  } catch {
    // See above.
  }
}
