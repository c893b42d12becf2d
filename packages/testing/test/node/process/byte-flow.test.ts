import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ByteFlow } from '../../../src/node/process/byte-flow.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Lets so much time pass, and streams do what they do after it. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await new Promise((resolve) => setImmediate(resolve))
}

/** A flow between two streams, with what came out of it. */
function flowWith(delays: readonly number[]): {
  readonly source: PassThrough
  readonly control: { isCut: boolean }
  readonly flow: ByteFlow
  readonly out: () => string
  readonly hasEnded: () => boolean
} {
  const [source, sink] = [new PassThrough(), new PassThrough()]
  const control = { isCut: false, delayOf: () => delays[nth++] ?? 0, passed: () => {} }
  let nth = 0
  let text = ''
  let hasEnded = false
  sink.on('data', (chunk) => (text += String(chunk))).on('end', () => (hasEnded = true))
  const flow = new ByteFlow(source as unknown as Socket, sink as unknown as Socket, control)
  return { source, control, flow, out: () => text, hasEnded: () => hasEnded }
}

test('bytes keep their order, however long each would have taken', async () => {
  const { source, out } = flowWith([40, 0, 10])
  for (const text of ['a', 'b', 'c']) source.emit('data', Buffer.from(text))
  await pass(39)
  expect(out()).toBe('')
  await pass(1)
  expect(out()).toBe('abc')
})

test('what is on its way when the direction is cut waits with the rest, and the end after it', async () => {
  const { source, control, flow, out, hasEnded } = flowWith([20, 20])
  source.emit('data', Buffer.from('on its way'))
  control.isCut = true
  flow.update()
  expect(source.isPaused()).toBe(true)
  source.emit('end')
  await pass(1000)
  expect([out(), hasEnded()]).toEqual(['', false])
  control.isCut = false
  flow.update()
  await pass(0)
  expect([out(), hasEnded(), source.isPaused()]).toEqual(['on its way', true, false])
})

test('the end comes after the last byte, however late that is', async () => {
  const { source, out, hasEnded } = flowWith([20])
  source.emit('data', Buffer.from('last words'))
  source.emit('end')
  await pass(19)
  expect([out(), hasEnded()]).toEqual(['', false])
  await pass(1)
  expect([out(), hasEnded()]).toEqual(['last words', true])
})

test('a source is not read any more when megabytes wait, and again when they are gone', async () => {
  const { source, out } = flowWith([30, 30, 30])
  for (let nth = 0; nth < 3; nth++) source.emit('data', Buffer.alloc(2 * 1024 * 1024, 'x'))
  expect(source.isPaused()).toBe(true)
  await pass(30)
  for (let turn = 0; turn < 5; turn++) await pass(0)
  expect([out().length, source.isPaused()]).toEqual([6 * 1024 * 1024, false])
})

test('nothing comes out of a flow that is closed', async () => {
  const { source, flow, out } = flowWith([10])
  source.emit('data', Buffer.from('too late'))
  flow.close()
  await pass(30)
  expect(out()).toBe('')
})
