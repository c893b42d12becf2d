/** One of the bank's client processes: a number of tellers behind one port. */
import { AddressBook, createRandom, type NodeId } from '@colony/host'
import { nodeHost, type NodeHost } from '@colony/host/node'
import { serveParent, tellParent } from '@colony/testing/node'
import { Activity } from './activity.ts'
import { CLUSTER_ID } from './bank-protocol.ts'
import { Calls } from './call.ts'
import type { ClientConfig, FromClient, ToClient } from './control-messages.ts'
import { joinNeighbourhood, type Neighbourhood } from './neighbourhood.ts'
import { RecordWriter } from './record-file.ts'
import { Teller } from './teller.ts'

const PROGRESS_INTERVAL_MS = 100

const addresses = new AddressBook()
let config: ClientConfig | undefined
let host: NodeHost | undefined
let gossip: Neighbourhood | undefined
let running = false

serveParent<ToClient>(async (message) => {
  switch (message.type) {
    case 'open':
      config = message.config
      host = await open(message.config)
      return
    case 'run':
      running = true
      await run()
      return
    case 'stop':
      running = false
  }
})

/** Clients take part in the same network as the nodes, since answers come over connections of their own. */
async function open({ id }: ClientConfig): Promise<NodeHost> {
  const opened = nodeHost({ clusterId: CLUSTER_ID, listen: '127.0.0.1:0', addresses })
  await opened.open(id)
  const bank = opened.transport.localAddress ?? ''
  // The nodes come to the clients, who are there first: so these need to know nobody.
  gossip = await joinNeighbourhood({ id, bank, seeds: [], addresses, fixed: new Set() })
  tellParent<FromClient>({ type: 'listening', address: gossip.address })
  return opened
}

async function run(): Promise<void> {
  if (config === undefined || host === undefined) throw new Error('run before it was opened')
  const { id, nodes, accounts, concurrency, seed, file } = config
  const random = createRandom(seed, id)
  const isThere = (node: NodeId): boolean => gossip?.peers.get(node)?.status !== 'failed'
  const calls = new Calls(host.transport, nodes, random.fork('nodes'), isThere)
  const records = new RecordWriter(file)
  const activity = new Activity()
  const report = (): void => {
    tellParent<FromClient>(activity.take(calls.retries))
    calls.retries = 0
  }
  const reporting = setInterval(report, PROGRESS_INTERVAL_MS)
  const tellers = Array.from({ length: concurrency }, (_, nth) => {
    const name = `${id}.${nth}`
    return new Teller({ name, accounts, calls, random: random.fork(name), records, activity })
  })
  await Promise.all(tellers.map((teller) => teller.work(() => running)))
  clearInterval(reporting)
  await records.close()
  report()
  tellParent<FromClient>({ type: 'stopped' })
}
