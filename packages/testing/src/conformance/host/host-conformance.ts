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

/** Between two greetings. */
const RESEND_MS = 20
const GIVE_UP_MS = 4000

const LEASES =
  'Disposing of the result ends that use, and the last one to leave closes the transport, so a host that is made inline lives exactly ' +
  'as long as what runs on it.'
const CODES =
  'A ColonyError with code `HOST_IDENTITY_CONFLICT` when the host is already open under another id, `HOST_CLOSED` when it was closed ' +
  'before, and whatever Transport.open throws.'

const CASES: readonly CaseSpec<HostPlace, never>[] = [
  {
    name: 'an open host reaches others under its id, however many have opened it',
    clause: 'Opens the transport as node `id` for one more user.',
    check: async (place) => {
      const [host, other] = [await place.host('a'), await place.host('b')]
      const leases = [await other.open('b'), ...(await Promise.all([host.open('a'), host.open('a')]))]
      expectEqual(await greeted(host, other), 'a', 'whom the other host heard from')
      for (const lease of leases) await lease[Symbol.asyncDispose]()
    },
  },
  {
    name: 'a host lives as long as the last of its users',
    clause: LEASES,
    check: async (place) => {
      const [host, other] = [await place.host('a'), await place.host('b')]
      const [lease, first, second] = [await other.open('b'), await host.open('a'), await host.open('a')]
      await first[Symbol.asyncDispose]()
      await first[Symbol.asyncDispose]()
      await greeted(host, other)
      await second[Symbol.asyncDispose]()
      expectEqual(greet(host), false, 'what send says when all have left')
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

function greet(host: Host): boolean {
  return host.transport.send('b', 'greeting', Uint8Array.of(1))
}

/** Sends until node `b` has heard something, and says from whom. */
async function greeted(host: Host, other: Host): Promise<string> {
  const end = host.clock.now() + GIVE_UP_MS
  let sender: string | undefined
  other.transport.receive('greeting', (from) => {
    sender ??= from
  })
  while (sender === undefined) {
    expectTrue(host.clock.now() < end, `nothing that was sent has arrived within ${GIVE_UP_MS} ms`)
    greet(host)
    await new Promise<void>((resolve) => void host.clock.after(RESEND_MS, resolve))
  }
  return sender
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
