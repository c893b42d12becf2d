import { createRandom, type Random } from '@colony/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type EtcdCompare,
  EtcdError,
  etcdGateway,
  type EtcdOperation,
  type EtcdTxn,
} from '../../src/etcd/index.ts'
import { EtcdProcess, NO_ETCD, skipEtcd } from '../servers/etcd.ts'
import { PlayedEtcd } from './played-etcd.ts'

const NAME = skipEtcd ? `the played etcd and the real one (${NO_ETCD})` : 'the played etcd and the real one'
const HISTORIES = 6
const STEPS = 60

/** What both have answered, without what cannot be the same. */
interface Step {
  readonly txn: EtcdTxn
  readonly answer: unknown
}

describe.skipIf(skipEtcd)(NAME, { timeout: 60_000 }, () => {
  let server: EtcdProcess

  beforeAll(async () => {
    server = await EtcdProcess.start()
  }, 90_000)
  afterAll(async () => await server[Symbol.asyncDispose]())

  it('answer random transactions of the played etcd alike', async () => {
    const signal = new AbortController().signal
    const client = etcdGateway(server.url)
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const random = createRandom(seed)
      const played = new PlayedEtcd()
      const leases = [played.grantLease(600, 0).id, '999']
      const real = [(await client.grantLease(600, signal)).id, '4242']
      const start = await client.txn(
        { compare: [], success: [{ type: 'delete', key: 'k', end: 'l' }] },
        signal,
      )
      const offset = start.revision - played.revision
      const ours: Step[] = []
      const theirs: Step[] = []
      for (let step = 0; step < STEPS; step++) {
        const txn = drawTxn(random, played.revision)
        ours.push({ txn, answer: await outcome(async () => played.txn(withLeases(txn, leases))) })
        const shifted = shift(withLeases(txn, real), offset)
        theirs.push({ txn, answer: unshift(await outcome(() => client.txn(shifted, signal)), offset) })
      }
      expect(ours).toEqual(theirs)
      expect(
        ours.filter(({ answer }) => JSON.stringify(answer).includes('createRevision')).length,
      ).toBeGreaterThan(3)
    }
  })

  it('end the keys of a lease of the played etcd with it', async () => {
    const signal = new AbortController().signal
    const client = etcdGateway(server.url)
    const played = new PlayedEtcd()
    const ours = played.grantLease(1, 0)
    const theirs = await client.grantLease(1, signal)
    expect(theirs.ttlSeconds).toBe(ours.ttlSeconds)
    const put = (lease: string): EtcdTxn => ({
      compare: [],
      success: [{ type: 'put', key: 'leased', value: '', lease }],
    })
    const { revision } = await client.txn(put(theirs.id), signal)
    played.txn(put(ours.id))
    expect(await client.keepAlive(theirs.id, signal)).toBe(played.keepAlive(ours.id, 0))
    const deleted = new Promise<string>((resolve) => {
      client.watchDeletes({ key: 'leased' }, revision + 1, { deleted: resolve, ended: () => undefined })
    })
    await client.revokeLease(theirs.id, signal)
    played.revokeLease(ours.id)
    expect(await deleted).toBe(played.deletions[0]?.key)
    await client.revokeLease(theirs.id, signal)
    expect(await client.keepAlive(theirs.id, signal)).toBe(played.keepAlive(ours.id, 0))
    expect(played.keys()).toEqual([])
  })
})

async function outcome(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error
    return { code: error.code }
  }
}

/** Keys of a few, revisions that are near, leases by their place in a list. */
function drawTxn(random: Random, revision: number): EtcdTxn {
  const names = ['k/a', 'k/b', 'k/c', 'k/d/1', 'k/d/2']
  const name = (): string => names[random.integer(0, names.length - 1)] ?? ''
  const keys = (): { readonly key: string; readonly end?: string } =>
    random.float() < 0.5
      ? { key: name() }
      : { key: 'k/', ...(random.float() < 0.5 ? { end: 'k0' } : { end: 'k/d0' }) }
  const compare = (): EtcdCompare => ({
    ...keys(),
    target: random.float() < 0.5 ? 'create' : 'mod',
    revision: random.float() < 0.5 ? 0 : revision - random.integer(0, 4),
  })
  const written = new Set<string>()
  const operation = (): EtcdOperation => {
    const kind = random.integer(0, 9)
    if (kind < 4) {
      return {
        ...{ type: 'range', ...keys() },
        ...(random.float() < 0.5 && { createdBefore: revision - random.integer(0, 4) + 1 }),
        ...(random.float() < 0.5 && { limit: 1 }),
      }
    }
    const key = name()
    // etcd refuses transactions that write a key twice.
    if (written.has(key)) return { type: 'range', key }
    written.add(key)
    if (kind < 6) return { type: 'delete', key }
    return {
      ...{ type: 'put', key },
      ...(kind < 9 && { value: `v${random.integer(0, 99)}` }),
      ...(random.float() < 0.5 && { lease: random.float() < 0.9 ? '0' : '1' }),
    }
  }
  return {
    compare: random.float() < 0.3 ? [compare()] : [],
    success: Array.from({ length: random.integer(1, 3) }, operation),
  }
}

function withLeases({ compare, success }: EtcdTxn, leases: readonly string[]): EtcdTxn {
  return {
    compare,
    success: success.map((operation) =>
      operation.type === 'put' && operation.lease !== undefined
        ? { ...operation, lease: leases[Number(operation.lease)] ?? '' }
        : operation,
    ),
  }
}

/** Revisions of the store of the one in those of the other. */
function shift({ compare, success }: EtcdTxn, offset: number): EtcdTxn {
  return {
    compare: compare.map((one) => ({ ...one, revision: one.revision === 0 ? 0 : one.revision + offset })),
    success: success.map((operation) =>
      operation.type === 'range' && operation.createdBefore !== undefined
        ? { ...operation, createdBefore: operation.createdBefore + offset }
        : operation,
    ),
  }
}

function unshift(answer: unknown, offset: number): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    typeof value === 'number' && /revision$/i.test(key) ? value - offset : value,
  )
}
