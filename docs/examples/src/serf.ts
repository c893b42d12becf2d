/**
 * A member of a Serf cluster. Run: `tsx docs/examples/src/serf.ts 10.0.0.1:7946`, with the address of any of its agents; without one it first starts a node to join.
 */
// #region join
import { joinSerf } from '@colony/gossip/memberlist'

const seed = process.argv[2] ?? (await standIn())

await using node = await joinSerf({
  name: `api-${process.pid}`,
  bind: '127.0.0.1:0', // on a real machine: '0.0.0.0:7946'
  seeds: [seed],
  tags: { role: 'api', version: '3' }, // `serf members -tag role=api` lists it
  profile: 'local', // the agents' own: 'lan' by default, as theirs is
})

for (const { id, address, status, tags } of node.members()) console.log(id, address, status, tags)

node.on('join', ({ member }) => console.log(`${member.id} is here`))
node.on('failed', ({ member }) => console.log(`${member.id} does not answer`))
node.on('leave', ({ member }) => console.log(`${member.id} has left`))
// #endregion join

// #region say
node.on('event', ({ name, payload }) => console.log(`event ${name}: ${Buffer.from(payload).toString()}`))
node.event('deploy', 'v42') // every agent runs its handlers for `user:deploy`

node.on('query', ({ name, respond }) => {
  if (name === 'uptime') respond(`${Math.round(process.uptime())} s`) // `serf query uptime` prints it
})
for (const { from, payload } of await node.query('uptime', '', { timeoutMs: 500 })) {
  console.log(`${from} is up for ${Buffer.from(payload).toString()}`)
}
// #endregion say

async function standIn(): Promise<string> {
  const agent = await joinSerf({ name: 'agent', bind: '127.0.0.1:0', profile: 'local' })
  agent.on('query', ({ respond }) => respond('1000 s'))
  agent.on('leave', () => void agent.close()) // whom it was there for has left
  return agent.address
}
