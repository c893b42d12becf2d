import { createRandom, type Random } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { bytes, StateNet, type StateNode } from './state-net.ts'
import { contentsOf, StateRules } from './state-rules.ts'

const KEYS = ['a', 'b', 'c', 'd', 'e']
const SEEDS = 200

/** One of the things that happen to a cluster. */
function happen(net: StateNet, random: Random, restarted: () => void): void {
  const nodes = net.all()
  const node = nodes[random.integer(0, nodes.length - 1)]!
  const key = KEYS[random.integer(0, KEYS.length - 1)]!
  // Some are so large that not all keys fit one packet: runs are cut.
  const value = bytes(`${random.integer(0, 99)}`.padEnd(random.float() < 0.5 ? 300 : 0))
  const dice = random.float()
  if (dice < 0.45) node.state.set(key, value, random.float() < 0.2 ? 1500 : undefined)
  else if (dice < 0.65) node.state.set(key, undefined)
  else if (dice < 0.75) node.shared.values.share(key, value)
  else if (dice < 0.8) node.shared.values.share(key, undefined)
  else if (dice < 0.85) isolate(net, node)
  else if (dice < 0.9) net.cut.clear()
  else if (dice < 0.93) {
    net.add(node.self, node.members.get(node.self)!.incarnation.epoch + 1)
    restarted()
  } else if (dice < 0.96) net.loss = random.float() * 0.5
  else net.acquaint()
  net.check(node)
}

function isolate(net: StateNet, node: StateNode): void {
  for (const { self } of net.all()) net.cut.add(`${self}>${node.self}`).add(`${node.self}>${self}`)
}

/** An hour of trouble, in which tombstones live for four seconds, then calm. */
function live(seed: number): { net: StateNet; rules: StateRules } {
  const random = createRandom(seed, 'happenings')
  const net = new StateNet(random.integer(2, 5), {
    seed,
    timing: { tombstoneMs: 4000, syncIntervalMs: 5000 },
  })
  const rules = new StateRules()
  net.check = (node) => {
    rules.check(node)
    if (random.float() < 0.05) {
      const other = net.all()[random.integer(0, net.all().length - 1)]!
      const [mine, theirs] = [contentsOf(node), contentsOf(other)]
      for (const lane of ['members', 'contents'] as const) {
        if ((node.fingerprint[lane] === other.fingerprint[lane]) === (mine[lane] === theirs[lane])) continue
        rules.broken.push(`the ${lane} of ${node.self} and ${other.self} do not fit their fingerprints`)
      }
    }
  }
  for (let count = 0; count < 60; count++) {
    happen(net, random, () => net.acquaint())
    net.run(50 * random.integer(1, 20))
  }
  net.cut.clear()
  net.loss = 0
  net.acquaint()
  return { net, rules }
}

describe('in any history', () => {
  it('no copy has a gap, a version that goes back, or a key that comes back; and all converge', () => {
    let resets = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      const { net, rules } = live(seed)
      const same = (): boolean =>
        net.all().every((node) => node.fingerprint.contents === net.node(0).fingerprint.contents)
      net.until(same, 60_000)
      // What is on its way still, and comparisons that nobody started: keys with a time to live.
      net.run(8000)
      net.until(same, 60_000)
      expect(rules.broken, `seed ${seed}`).toEqual([])
      for (const node of net.all()) {
        expect(node.sharedCopy(), `seed ${seed}`).toEqual(net.node(0).sharedCopy())
        for (const other of net.all())
          expect(node.copyOf(other.self), `seed ${seed}: ${node.self} about ${other.self}`).toEqual(
            other.copyOf(other.self),
          )
      }
      expect(net.traffic.largest).toBeLessThanOrEqual(1391)
      resets += rules.resets
    }
    // Or this would say nothing of resets.
    expect(resets).toBeGreaterThan(20)
  }, 120_000)
})
