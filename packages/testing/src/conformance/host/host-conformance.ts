import type { Host } from '@colony/host'
import {
  bindCases,
  carryOut,
  type CaseSpec,
  type ConformanceCase,
  type ConformancePlace,
} from '../conformance-case.ts'
import { expectEqual, expectRejection, expectTrue } from '../expectations.ts'

/**
 * Hosts of one network, for {@link hostConformance}.
 * @category Conformance
 */
export interface HostPlace extends ConformancePlace {
  /** Makes the host that is to run node `id`; called once an id. */
  host(id: string): Promise<Host> | Host
}

/**
 * Makes hosts for {@link hostConformance}.
 * @category Conformance
 */
export interface HostFactory {
  /** Makes a network without hosts; called once a case. */
  place(): Promise<HostPlace> | HostPlace
}

const LEASES =
  'Disposing of the result ends that use, and the last one to leave closes the transport, so a host that is made inline lives exactly ' +
  'as long as what runs on it.'
const CODES =
  'A ColonyError with code `HOST_IDENTITY_CONFLICT` when the host is already open under another id, `HOST_CLOSED` when it was closed ' +
  'before, and whatever Transport.open throws.'

const CASES: readonly CaseSpec<HostPlace, never>[] = [
  {
    name: 'many users share one open host, which lives as long as the last of them',
    clause: LEASES,
    check: async (place) => {
      const host = await place.host('a')
      const other = await place.host('b')
      const [first, second, lease] = [await host.open('a'), await host.open('a'), await other.open('b')]
      await first[Symbol.asyncDispose]()
      await first[Symbol.asyncDispose]()
      // Still open: it reaches the other one.
      const arrived = new Promise<string>((resolve) => other.transport.receive('greeting', resolve))
      const sending = repeat(host, () => void host.transport.send('b', 'greeting', Uint8Array.of(1)))
      expectEqual(await arrived, 'a', 'whom the other host heard from')
      sending[Symbol.dispose]()
      await second[Symbol.asyncDispose]()
      expectEqual(
        host.transport.send('b', 'greeting', Uint8Array.of(1)),
        false,
        'what send says when all have left',
      )
      await lease[Symbol.asyncDispose]()
    },
  },
  {
    name: 'a host that everybody has left stays closed',
    clause: 'After that the host stays closed.',
    check: async (place) => {
      const host = await place.host('a')
      const lease = await host.open('a')
      await lease[Symbol.asyncDispose]()
      const isOpen = await host.open('a').then(
        () => true,
        () => false,
      )
      expectTrue(!isOpen, 'the host was opened again')
    },
  },
  {
    name: 'opening a host that is closed, or under another id, is refused by name',
    clause: CODES,
    check: async (place) => {
      const host = await place.host('a')
      const lease = await host.open('a')
      await expectRejection(host.open('b'), ['HOST_IDENTITY_CONFLICT'], 'open under another id')
      await lease[Symbol.asyncDispose]()
      // Whether it is refused at all is another case.
      const refused = host.open('a')
      const isOpen = await refused.then(
        () => true,
        () => false,
      )
      if (!isOpen) await expectRejection(refused, ['HOST_CLOSED'], 'open of a closed host')
    },
  },
]

/** Calls `act` now and every few milliseconds. */
function repeat({ clock }: Host, act: () => void): Disposable {
  let timer: Disposable
  const next = (): void => {
    act()
    timer = clock.after(20, next)
  }
  next()
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() }
}

/**
 * What every `Host` of `@colony/host` must do, as its documentation says. Its clock and transport have suites of their own.
 * @example
 * ```ts
 * const place = () => {
 *   const network = createMemoryNetwork()
 *   return { host: () => network.host() }
 * }
 * for (const c of hostConformance({ place })) test(c.name, c.run)
 * ```
 * @category Conformance
 */
export function hostConformance(factory: HostFactory): readonly ConformanceCase[] {
  return bindCases(CASES, [], async (check) => {
    const place = await factory.place()
    await carryOut(place, () => check(place))
  })
}
