import { describe, expect, it } from 'vitest'
import { CoreNet } from './core-net.ts'

describe('a cluster', () => {
  it('finds itself through one seed', () => {
    const net = new CoreNet({ seed: 1 })
    const ids = net.addMany(10)
    for (const id of ids) expect(net.present(id)).toEqual([...ids].sort())
    expect(net.now).toBeLessThan(5_000)
  })

  it('finds out that a member crashed, everywhere, and why', () => {
    const net = new CoreNet({ seed: 2 })
    net.addMany(10)
    net.run(5_000)
    net.events.length = 0
    net.crash('n4')
    net.run(30_000)
    for (const id of net.nodes.keys()) {
      if (id !== 'n4') expect(net.core(id).member('n4')?.status).toBe('failed')
    }
    expect(net.events.filter((event) => event.type === 'health')).toEqual([])
  })
})
