import type { Clock } from '@colony/host'
import type { EtcdClient, EtcdTxn } from '../../src/etcd/index.ts'
import { PlayedEtcd } from './played-etcd.ts'

/** What a played server can be made to be silent about. */
export type Asked = 'txn' | 'delete' | 'grantLease' | 'keepAlive'

/** A client of a played etcd: what is in `mute` never arrives and is never answered. Nobody is told of what was deleted: who waits looks again by itself. */
export function playedClient(
  mute: ReadonlySet<Asked>,
  clock: Clock,
  store: PlayedEtcd = new PlayedEtcd(),
): EtcdClient {
  const answered = async <Answer>(asked: Asked, answer: () => Answer): Promise<Answer> =>
    mute.has(asked) ? await new Promise<never>(() => undefined) : answer()
  const kindOf = ({ success }: EtcdTxn): Asked =>
    success.length > 0 && success.every(({ type }) => type === 'delete') ? 'delete' : 'txn'
  return {
    txn: (txn) => answered(kindOf(txn), () => store.txn(txn)),
    grantLease: (seconds) => answered('grantLease', () => store.grantLease(seconds, clock.now())),
    keepAlive: (lease) => answered('keepAlive', () => store.keepAlive(lease, clock.now())),
    revokeLease: async (lease) => store.revokeLease(lease),
    watchDeletes: () => ({ [Symbol.dispose]: () => undefined }),
  }
}
