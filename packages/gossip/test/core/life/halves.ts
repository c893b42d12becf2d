import { LifeNet } from './life-net.ts'

/** Members a0, a1 … of one half and b0, b1 … of the other, all in one cluster; without seeds after the start, so that nothing but reconnecting can heal. */
export function halves(seed: number, size: number): LifeNet {
  const net = new LifeNet(seed)
  for (let index = 0; index < size; index++) {
    for (const half of ['a', 'b']) net.start(`${half}${index}`, { seeds: [{ address: 'net://a0' }] })
  }
  if (!net.run(20_000, () => net.seeing(2 * size) === 2 * size))
    throw new Error('they do not know each other')
  for (const node of net.nodes.values()) net.step(node, { type: 'seeds', seeds: [] })
  return net
}

/** Cuts all links for which `apart` says so, and lets both ends know at once that the other has failed. */
export function cut(
  net: LifeNet,
  apart: (from: string, to: string) => boolean = (from, to) => from[0] !== to[0],
): void {
  net.lost = apart
  for (const id of net.nodes.keys()) {
    const others = [...net.nodes.keys()].filter((other) => apart(id, other))
    net.declareFailed(id, 'operator', others)
  }
}
