import { describe, expect, it } from 'vitest'
import { AddressBook } from '../src/address-book.ts'
import { createRandom } from '../src/core/random.ts'
import { createHost, type CreateHostOptions } from '../src/create-host.ts'
import { systemClock } from '../src/system/system-clock.ts'
import type { Transport } from '../src/transport.ts'
import { codedError } from './coded-error.ts'

/** A transport that records its life and opens when it is told to. */
class FakeTransport implements Transport {
  readonly capabilities = { ordered: true, reliable: true, maxFrameBytes: 1000 }
  readonly calls: string[] = []
  readonly opened: { resolve: () => void; reject: (error: unknown) => void }[] = []
  closed: () => Promise<void> = async () => {}

  open(self: string): Promise<void> {
    this.calls.push(`open ${self}`)
    return new Promise((resolve, reject) => this.opened.push({ resolve, reject }))
  }
  send(): boolean {
    return false
  }
  receive(): Disposable {
    return { [Symbol.dispose]: () => {} }
  }
  close(): Promise<void> {
    this.calls.push('close')
    return this.closed()
  }
}

const setUp = (): { transport: FakeTransport; host: ReturnType<typeof createHost> } => {
  const transport = new FakeTransport()
  return { transport, host: createHost({ clusterId: 'c', transport }) }
}

describe('createHost', () => {
  it('fills in what is not given', () => {
    const { host, transport } = setUp()
    expect(host).toMatchObject({ clusterId: 'c', transport, clock: systemClock })
    expect(host.addresses).toBeInstanceOf(AddressBook)
    expect(host.random.float()).toBeLessThan(1)
    expect('observer' in host).toBe(false)
  })

  it('keeps what is given', () => {
    const given = {
      clusterId: 'c',
      transport: new FakeTransport(),
      clock: { ...systemClock },
      random: createRandom(1),
      addresses: new AddressBook(),
      observer: () => {},
    }
    const host = createHost(given)
    for (const [name, value] of Object.entries(given)) expect(host[name as keyof typeof given]).toBe(value)
  })

  it.each([
    [{ clusterId: '' }, 'clusterId must be a string of 1 to 255 bytes'],
    [{ clusterId: undefined }, 'clusterId must be'],
    [{ transport: undefined }, 'transport must be an object with open(), send(), receive(), close()'],
    [{ transport: { open: () => {} } }, 'transport has no method send()'],
    [{ clock: { now: () => 0 } }, 'clock has no method after()'],
    [{ random: {} }, 'random has no method float()'],
    [{ addresses: {} }, 'addresses has no method get()'],
    [{ observer: {} }, 'observer must be a function'],
  ])('refuses %j at once', (wrong, message) => {
    const options = {
      clusterId: 'c',
      transport: new FakeTransport(),
      ...wrong,
    } as unknown as CreateHostOptions
    expect(() => createHost(options)).toThrow(codedError('HOST_INVALID_OPTION', message))
  })

  it('refuses no options at all', () => {
    expect(() => createHost(undefined as unknown as CreateHostOptions)).toThrow('options must be an object')
  })
})

describe('Host.open', () => {
  it('opens once for users at the same time, and closes with the last', async () => {
    const { host, transport } = setUp()
    const opening = [host.open('a'), host.open('a')]
    transport.opened[0]?.resolve()
    const [first, second] = await Promise.all(opening)
    const third = await host.open('a')
    expect(transport.calls).toEqual(['open a'])
    await first?.[Symbol.asyncDispose]()
    await third[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a'])
    await second?.[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a', 'close'])
  })

  it('does not close under a user who is just coming', async () => {
    const { host, transport } = setUp()
    const first = host.open('a')
    const left = first.then((lease) => lease[Symbol.asyncDispose]())
    const second = host.open('a')
    transport.opened[0]?.resolve()
    await left
    const lease = await second
    expect(transport.calls).toEqual(['open a'])
    await lease[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a', 'close'])
  })

  it('counts a lease that is disposed of twice once', async () => {
    const { host, transport } = setUp()
    const opening = host.open('a')
    transport.opened[0]?.resolve()
    const first = await opening
    const second = await host.open('a')
    await Promise.all([first[Symbol.asyncDispose](), first[Symbol.asyncDispose]()])
    await first[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a'])
    await second[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a', 'close'])
  })

  it('can be tried again after a failure, under another id too', async () => {
    const { host, transport } = setUp()
    const both = Promise.allSettled([host.open('a'), host.open('a')])
    const error = new Error('in use')
    transport.opened[0]?.reject(error)
    expect(await both).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ])
    const again = host.open('b')
    transport.opened[1]?.resolve()
    const lease = await again
    expect(transport.calls).toEqual(['open a', 'open b'])
    await lease[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a', 'open b', 'close'])
  })

  it('lets one user try again at once while another still learns of the failure', async () => {
    const { host, transport } = setUp()
    const again = host.open('a').catch(() => host.open('b'))
    const other = host.open('a').catch(() => 'failed')
    transport.opened[0]?.reject(new Error('in use'))
    expect(await other).toBe('failed')
    transport.opened[1]?.resolve()
    const lease = await again
    await expect(host.open('a')).rejects.toMatchObject({ code: 'HOST_IDENTITY_CONFLICT' })
    await lease[Symbol.asyncDispose]()
    expect(transport.calls).toEqual(['open a', 'open b', 'close'])
  })

  it('is one node at a time in every order in which failures can be learned of', async () => {
    for (const lateAt of [0, 1, 2, 3, 4, 5, 6]) {
      for (const retryAt of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
        const { host, transport } = setUp()
        const attempts = [host.open('a')]
        transport.opened[0]?.reject(new Error('in use'))
        void microtasks(retryAt).then(() => attempts.push(host.open('b')))
        void microtasks(lateAt).then(() => attempts.push(host.open('a')))
        for (const attempt of attempts) attempt.catch(() => {})
        await microtasks(20)
        for (const attempt of attempts) attempt.catch(() => {})
        if (transport.calls.length < 2) continue // both came while the first attempt was still failing
        await expect(host.open('c')).rejects.toMatchObject({ code: 'HOST_IDENTITY_CONFLICT' })
        expect(transport.calls).toHaveLength(2)
        transport.opened[1]?.resolve()
        const leases = (await Promise.allSettled(attempts)).flatMap((end) =>
          end.status === 'fulfilled' ? [end.value] : [],
        )
        expect(leases.length).toBeGreaterThan(0)
        for (const lease of leases) await lease[Symbol.asyncDispose]()
        expect(transport.calls.slice(2)).toEqual(['close'])
      }
    }
  })

  it('rejects when the transport throws', async () => {
    const { host, transport } = setUp()
    transport.open = () => {
      throw new Error('thrown')
    }
    await expect(host.open('a')).rejects.toThrow('thrown')
  })

  it('is one node only', async () => {
    const { host, transport } = setUp()
    const opening = host.open('a')
    await expect(host.open('b')).rejects.toMatchObject({ code: 'HOST_IDENTITY_CONFLICT' })
    transport.opened[0]?.resolve()
    const lease = await opening
    await expect(host.open('b')).rejects.toMatchObject({ code: 'HOST_IDENTITY_CONFLICT' })
    await lease[Symbol.asyncDispose]()
  })

  it('stays closed, from the moment that closing starts, and leaves wait for the close', async () => {
    const { host, transport } = setUp()
    const opening = host.open('a')
    transport.opened[0]?.resolve()
    const lease = await opening
    const closing = deferred()
    transport.closed = () => closing.promise
    let done = false
    const leaving = lease[Symbol.asyncDispose]().then(() => (done = true))
    await expect(host.open('a')).rejects.toMatchObject({ code: 'HOST_CLOSED' })
    await expect(host.open('b')).rejects.toMatchObject({ code: 'HOST_CLOSED' })
    expect(done).toBe(false)
    closing.resolve()
    await leaving
    await expect(host.open('a')).rejects.toMatchObject({ code: 'HOST_CLOSED' })
  })

  it('refuses an impossible id', async () => {
    const { host, transport } = setUp()
    await expect(host.open('')).rejects.toMatchObject({ code: 'HOST_INVALID_OPTION' })
    expect(transport.calls).toEqual([])
  })
})

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

/** Resolves after so many turns of the microtask queue. */
async function microtasks(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}
