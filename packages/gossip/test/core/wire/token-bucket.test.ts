import { expect, it } from 'vitest'
import { TokenBucket } from '../../../src/core/wire/token-bucket.ts'

it('lets a burst of one second pass, then the rate', () => {
  const clock = { now: 0 }
  const bucket = new TokenBucket(1000, clock)
  expect(bucket.available).toBe(1000)
  bucket.charge(1000)
  expect(bucket.available).toBe(0)
  expect(bucket.readyAt(100)).toBe(100)
  clock.now = 100
  expect(bucket.available).toBe(100)
  clock.now = 60_000
  expect(bucket.available).toBe(1000)
})

it('may be overdrawn, by one second at most', () => {
  const clock = { now: 0 }
  const bucket = new TokenBucket(1000, clock)
  bucket.charge(50_000)
  expect(bucket.available).toBe(0)
  expect(bucket.readyAt(500)).toBe(1500)
})

it('never waits for more than it can hold', () => {
  const bucket = new TokenBucket(100, { now: 0 })
  expect(bucket.readyAt(256)).toBe(0)
})

it('is no cap when there is none', () => {
  const bucket = new TokenBucket(Infinity, { now: 5 })
  bucket.charge(1e9)
  expect(bucket.available).toBe(Infinity)
  expect(bucket.readyAt(1e9)).toBe(5)
})

it('remembers all that was overdrawn, when asked to: the average holds for messages larger than the rate', () => {
  const clock = { now: 0 }
  const bucket = new TokenBucket(1000, clock, Infinity)
  bucket.charge(11_000)
  clock.now = 10_000
  expect(bucket.available).toBe(0)
  clock.now = 10_500
  expect(bucket.available).toBe(500)
})
