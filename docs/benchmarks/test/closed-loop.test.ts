import { describe, expect, it } from 'vitest'
import { runClosedLoop } from '../src/measure/closed-loop.ts'

describe('runClosedLoop', () => {
  it('keeps exactly so many operations outstanding and drains them', async () => {
    let open = 0
    let most = 0
    const result = await runClosedLoop({ outstanding: 7, warmupMs: 20, measureMs: 60 }, (done) => {
      open++
      most = Math.max(most, open)
      setTimeout(() => {
        open--
        done(true)
      }, 5)
    })
    expect(most).toBe(7)
    expect(open).toBe(0)
    expect(result.failures).toBe(0)
    expect(result.operations).toBeGreaterThan(7)
    expect(result.p50Ms).toBeGreaterThanOrEqual(4)
    expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms)
  })

  it('counts failures apart from operations', async () => {
    let sequence = 0
    const { failures, operations } = await runClosedLoop(
      { outstanding: 1, warmupMs: 0, measureMs: 50 },
      (done) => setTimeout(() => done(sequence++ % 2 === 0), 1),
    )
    expect(failures).toBeGreaterThan(0)
    expect(Math.abs(failures - operations)).toBeLessThanOrEqual(2)
  })
})
