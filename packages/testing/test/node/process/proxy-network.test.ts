import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProxyNetwork, type ProxyNetwork } from '../../../src/node/index.ts'
import { eventually } from './processes.ts'
import { clientOfTest, serverOfTest } from './sockets.ts'

const NODES = ['a', 'b', 'c'] as const
type Node = (typeof NODES)[number]

/** Nodes that note who has said something to them, over connections that they dial, one to each. */
async function meshOfTest(): Promise<{
  network: ProxyNetwork
  say: (from: Node, to: Node, text: string) => void
  heard: Set<string>
}> {
  const network = await createProxyNetwork(NODES)
  onTestFinished(async () => await network.close())
  const heard = new Set<string>()
  for (const node of NODES) {
    const { address } = await serverOfTest((socket) => {
      socket.on('data', (chunk) => {
        for (const text of String(chunk).split('.').filter(Boolean)) {
          heard.add(`${node} heard ${text}`)
          socket.write(`${text}!.`)
        }
      })
    })
    network.attach(node, address)
  }
  const sockets = new Map<string, ReturnType<typeof clientOfTest>>()
  for (const from of NODES) {
    for (const [to, address] of Object.entries(network.addressesFor(from))) {
      const client = clientOfTest(address)
      client.socket.on('data', (chunk) => {
        for (const text of String(chunk).split('.').filter(Boolean)) heard.add(`${from} heard ${text}`)
      })
      sockets.set(`${from}>${to}`, client)
    }
  }
  return {
    network,
    heard,
    say: (from, to, text) => void sockets.get(`${from}>${to}`)?.socket.write(`${text}.`),
  }
}

const all =
  (...texts: string[]) =>
  (heard: Set<string>) =>
    texts.every((text) => heard.has(text))

describe('a network of proxies', () => {
  test('cuts what one node says to another, whoever dialled', async () => {
    const { network, heard, say } = await meshOfTest()
    say('a', 'b', 'start')
    say('b', 'a', 'begin')
    await eventually('both', () =>
      all('b heard start', 'a heard start!', 'a heard begin', 'b heard begin!')(heard),
    )
    network.cut('a', 'b')
    say('a', 'b', 'one')
    say('b', 'a', 'two')
    await eventually('b is heard', () => heard.has('a heard two'))
    await sleep(60)
    expect([heard.has('b heard one'), heard.has('b heard two!')]).toEqual([false, false])
    network.heal({ from: 'a', to: 'b' })
    await eventually('a is heard too', () => all('b heard one', 'a heard one!', 'b heard two!')(heard))
  })

  test('is parted into groups, and a new parting mends the old one', async () => {
    const { network, heard, say } = await meshOfTest()
    network.partition([['a', 'b'], ['c']])
    say('a', 'b', 'near')
    say('a', 'c', 'far')
    say('c', 'b', 'out')
    await eventually('the near one', () => heard.has('a heard near!'))
    await sleep(60)
    expect([...heard].sort()).toEqual(['a heard near!', 'b heard near'])
    network.partition([['b', 'c']])
    await eventually('b and c', () => all('b heard out', 'c heard out!')(heard))
    expect(heard.has('c heard far')).toBe(false)
    network.heal()
    await eventually('everybody', () => all('c heard far', 'a heard far!')(heard))
  })

  test('is slow where it is told to be', async () => {
    const { network, heard, say } = await meshOfTest()
    // Longer than this test: whoever dialled, what `a` says is late, and nothing else.
    network.configure({ minLatencyMs: 100_000 }, { from: 'a' })
    say('a', 'c', 'slow')
    say('b', 'a', 'question')
    say('b', 'c', 'fast')
    await eventually('the others', () => all('b heard fast!', 'a heard question')(heard))
    await sleep(60)
    expect([...heard].sort()).toEqual(['a heard question', 'b heard fast!', 'c heard fast'])
  })

  test('refuses what is not in it', async () => {
    const network = await createProxyNetwork(['a', 'b'])
    onTestFinished(async () => await network.close())
    expect(() => network.cut('a', 'z')).toThrow(/no way from a to z/)
    expect(() => network.link('a', 'a')).toThrow(/no way/)
    await expect(createProxyNetwork(['a', 'a'])).rejects.toThrow(/named twice/)
  })
})
