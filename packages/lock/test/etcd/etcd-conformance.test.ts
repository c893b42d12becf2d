import { lockConformance, type LockFactory } from '@colony/testing/conformance'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { etcdBackend, etcdGateway } from '../../src/etcd/index.ts'
import { EtcdProcess, NO_ETCD, skipEtcd } from '../servers/etcd.ts'

const NAME = skipEtcd ? `the lock suite on etcd (${NO_ETCD})` : 'the lock suite on etcd'

let server: EtcdProcess
let lastPrefix = 0

const FACTORY: LockFactory = {
  supports: ['fencing', 'shared', 'semaphore', 'values', 'leases'],
  place: async () => {
    const prefix = `suite-${(lastPrefix += 1)}/`
    return {
      backend: () => etcdBackend(etcdGateway(server.url), { prefix }),
    }
  },
}

describe.skipIf(skipEtcd)(NAME, { timeout: 60_000 }, () => {
  beforeAll(async () => {
    server = await EtcdProcess.start()
  }, 90_000)
  afterAll(async () => await server[Symbol.asyncDispose]())
  for (const { name, run } of lockConformance(FACTORY)) test(`etcd: ${name}`, run)
})
