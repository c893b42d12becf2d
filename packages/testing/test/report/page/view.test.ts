import { describe, expect, test } from 'vitest'
import { centred, panned, toTime, toX, within, zoomed } from '../../../src/report/page/view.ts'

const WHOLE = { from: 0, to: 1000 }

describe('where times lie', () => {
  test('the view fills the width, and back', () => {
    expect(toX({ from: 100, to: 300 }, 400, 150)).toBe(100)
    expect(toTime({ from: 100, to: 300 }, 400, 100)).toBe(150)
  })
})

describe('zoom', () => {
  test('what is under the pointer stays there', () => {
    const view = zoomed(WHOLE, WHOLE, 0.5, 200)
    expect(view.to - view.from).toBeCloseTo(500)
    expect(toX(view, 1000, 200)).toBeCloseTo(200)
  })

  test('never shows more than everything, and never less than can be told apart', () => {
    expect(zoomed({ from: 400, to: 600 }, WHOLE, 100, 500)).toEqual(WHOLE)
    const { from, to } = zoomed({ from: 400, to: 600 }, WHOLE, 1e-12, 500)
    expect(to - from).toBeCloseTo(0.02)
    expect(from).toBeLessThan(500)
    expect(to).toBeGreaterThan(500)
  })
})

describe('moving', () => {
  test('stops at the ends', () => {
    const view = { from: 100, to: 300 }
    expect(panned(view, WHOLE, 0.5)).toEqual({ from: 200, to: 400 })
    expect(panned(view, WHOLE, -5)).toEqual({ from: 0, to: 200 })
    expect(panned(view, WHOLE, 50)).toEqual({ from: 800, to: 1000 })
  })

  test('an instant comes into the middle, as far as there is time on both sides', () => {
    expect(centred({ from: 0, to: 100 }, WHOLE, 500)).toEqual({ from: 450, to: 550 })
    expect(centred({ from: 0, to: 100 }, WHOLE, 10)).toEqual({ from: 0, to: 100 })
  })

  test('a view that is wider than everything becomes everything', () => {
    expect(within({ from: -500, to: 5000 }, WHOLE)).toEqual(WHOLE)
  })
})
