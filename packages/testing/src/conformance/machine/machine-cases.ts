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
      for (const [at, result] of bench.results().entries()) {
        expectTrue(!isLater(result), `command ${at + 1} returned a promise`)
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
      const first = bench.results()
      for (const results of [bench.results(), ...sideBySide(bench)]) {
        for (const [at, result] of results.entries()) expectSameResult(bench, at, result, first[at])
      }
    },
  },
  {
    name: 'the same commands give the same state',
    clause: DETERMINISTIC,
    needs: 'state',
    check: (bench) => {
      const [one, other] = [bench.fresh(), bench.fresh()]
      expectSameState(bench.state(other), bench.state(one), 'the first state')
      for (const at of bench.commands.keys()) {
        bench.attempt(one, at)
        bench.attempt(other, at)
        expectSameState(bench.state(other), bench.state(one), `the state after command ${at + 1}`)
      }
      const later = bench.fresh()
      for (const at of bench.commands.keys()) bench.attempt(later, at)
      expectSameState(
        bench.state(later),
        bench.state(one),
        'the state of a machine made when others have ended',
      )
    },
  },
  {
    name: 'it asks neither a clock nor chance, and leaves nothing to run later',
    clause: DETERMINISTIC,
    check: (bench) => {
      const machine = bench.fresh()
      for (const at of bench.commands.keys()) {
        const asked: string[] = []
        watchOutside(
          (what) => asked.push(what),
          () => bench.attempt(machine, at),
        )
        expectEqual(asked, [], `what command ${at + 1} asked of the world outside`)
      }
    },
  },
  {
    name: 'every result can be told to other nodes',
    clause: 'Bytes of results, for nodes other than the leader and for repeated idempotency keys.',
    check: (bench) => {
      for (const [at, result] of bench.results().entries()) {
        // Whether it comes at once is another case.
        if (isLater(result)) continue
        const bytes = bench.resultCodec.encode(result)
        const told = bench.resultCodec.decode(bytes)
        expectEqual(
          bench.resultCodec.encode(told),
          bytes,
          `the bytes of the result of command ${at + 1}, told twice`,
        )
      }
    },
  },
]

function isLater(result: unknown): boolean {
  return (
    typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function'
  )
}

function sideBySide(bench: MachineBench): readonly (readonly unknown[])[] {
  const [left, right] = [bench.fresh(), bench.fresh()]
  const [ofLeft, ofRight]: [unknown[], unknown[]] = [[], []]
  for (const at of bench.commands.keys()) {
    ofLeft.push(bench.attempt(left, at))
    ofRight.push(bench.attempt(right, at))
  }
  return [ofLeft, ofRight]
}

/** Results are the same when their bytes are, since bytes are what other nodes get. */
function expectSameResult(bench: MachineBench, at: number, actual: unknown, expected: unknown): void {
  if (sameValue(bytesOf(bench, actual), bytesOf(bench, expected))) return
  throw new Mismatch(`command ${at + 1} has different results on two machines`, expected, actual)
}

function bytesOf(bench: MachineBench, result: unknown): Uint8Array | undefined {
  try {
    return bench.resultCodec.encode(result)
  } catch {
    // Whether it can be encoded is another case.
    return undefined
  }
}

function expectSameState(actual: unknown, expected: unknown, what: string): void {
  if (!sameValue(actual, expected))
    throw new Mismatch(`${what} is not the same on two machines`, expected, actual)
}
