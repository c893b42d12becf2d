import { requireRange } from '../../errors.ts'
import { bindCases, carryOut, type ConformanceCase } from '../conformance-case.ts'
import { CARRYING_CASES } from './carrying-cases.ts'
import { CONTACT_CASES } from './contact-cases.ts'
import { LIFECYCLE_CASES } from './lifecycle-cases.ts'
import { RECEIVING_CASES } from './receiving-cases.ts'
import { SENDING_CASES } from './sending-cases.ts'
import { TransportBench, type TransportCase } from './transport-bench.ts'
import type { TransportFactory } from './transport-factory.ts'

const CASES: readonly TransportCase[] = [
  ...LIFECYCLE_CASES,
  ...CARRYING_CASES,
  ...SENDING_CASES,
  ...RECEIVING_CASES,
  ...CONTACT_CASES,
]

/**
 * What every `Transport` of `@colony/host` must do, as its documentation says. Frames may be lost, late, doubled and out of order where
 * the transport does not promise otherwise: the cases repeat what they send until it arrives.
 * @example
 * ```ts
 * const factory = { supports: ['ordered', 'reliable'], network: () => ({ transport: (id) => new MyTransport() }) }
 * for (const c of transportConformance(factory)) test(c.name, c.run)
 * ```
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a deadline out of range.
 * @category Conformance
 */
export function transportConformance(factory: TransportFactory): readonly ConformanceCase[] {
  if (factory.deadlineMs !== undefined) requireRange('deadlineMs', factory.deadlineMs, 1, 1e9)
  return bindCases(CASES, factory.supports, async (check) => {
    const network = await factory.network()
    const bench = new TransportBench(factory, network)
    await carryOut(
      network,
      () => check(bench),
      () => bench.tidyUp(),
    )
  })
}
