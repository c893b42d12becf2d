/** One of the bank's nodes: an operating-system process with its own files and its own port. */
import { AddressBook } from '@colony/host'
import { nodeHost } from '@colony/host/node'
import { createRaft, type Raft } from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { serveParent, tellParent } from '@colony/testing/node'
import { holdingsOf, writeAudit } from './audit-file.ts'
import { Bank } from './bank-machine.ts'
import { CLUSTER_ID } from './bank-protocol.ts'
import { BankService } from './bank-service.ts'
import type { FromNode, NodeConfig, ToNode } from './control-messages.ts'
import { joinNeighbourhood } from './neighbourhood.ts'

const STATUS_INTERVAL_MS = 50

const addresses = new AddressBook()
let raft: Raft<Bank> | undefined

serveParent<ToNode>(async (message) => {
  switch (message.type) {
    case 'start':
      raft = await start(message.config)
      return
    case 'audit':
      await audit(message.file)
  }
})

async function start({ id, voters, directory, bank, ...config }: NodeConfig): Promise<Raft<Bank>> {
  for (const [peer, address] of Object.entries(config.addresses)) addresses.set(peer, address)
  const host = nodeHost({ clusterId: CLUSTER_ID, listen: '127.0.0.1:0', addresses })
  const machine = new Bank(bank)
  const node = await createRaft({ id, members: voters, host, storage: await fileStorage(directory), machine })
  node.on('stopped', ({ error }) => {
    console.error(error)
    process.exit(1)
  })
  new BankService(node, host.transport)
  const address = host.transport.localAddress ?? ''
  const fixed = new Set(voters)
  await joinNeighbourhood({ id, bank: address, seeds: config.seeds, addresses, fixed })
  tellParent<FromNode>({ type: 'listening', address })
  const report = (): void => tellParent<FromNode>({ type: 'status', status: node.status() })
  node.on('role', report)
  node.on('leader', report)
  report()
  setInterval(report, STATUS_INTERVAL_MS)
  return node
}

async function audit(file: string): Promise<void> {
  if (raft === undefined) throw new Error('audited before it was started')
  const { value, index } = await raft.read(holdingsOf, { consistency: 'local' })
  await writeAudit(file, index, value)
  tellParent<FromNode>({ type: 'audited', appliedIndex: index })
}
