import { expect, test } from 'vitest'
import { pairArrows } from '../../src/report/arrows.ts'
import { send, timelineOf } from './timelines.ts'

test('a frame is an arrow from its send to its delivery, between the lanes of its nodes', () => {
  const timeline = timelineOf([send(1, 7, 'c', 'a'), { kind: 'deliver', at: 4, frame: 7 }])
  expect(pairArrows(timeline)).toEqual([
    { from: 2, to: 0, sentAt: 1, endAt: 4, outcome: 'delivered', channel: 'raft', label: '', bytes: 10 },
  ])
})

test('a duplicate is a second arrow of its own kind', () => {
  const events = [
    send(1, 7),
    { kind: 'deliver', at: 4, frame: 7 },
    { kind: 'deliver', at: 9, frame: 7 },
  ] as const
  expect(pairArrows(timelineOf(events)).map(({ endAt, outcome }) => [endAt, outcome])).toEqual([
    [4, 'delivered'],
    [9, 'copy'],
  ])
})

test.each(['lost', 'cut', 'down', 'unheard'] as const)('a lost frame says why: %s', (reason) => {
  const timeline = timelineOf([send(1, 7), { kind: 'lose', at: 3, frame: 7, reason }])
  expect(pairArrows(timeline)).toMatchObject([{ endAt: 3, outcome: reason }])
})

test('a copy that is lost does not make the delivered one a copy', () => {
  const events = [
    send(1, 7),
    { kind: 'lose', at: 2, frame: 7, reason: 'down' },
    { kind: 'deliver', at: 5, frame: 7 },
  ] as const
  expect(pairArrows(timelineOf(events)).map(({ outcome }) => outcome)).toEqual(['down', 'delivered'])
})

test('a frame of which nothing was heard is still flying at the end', () => {
  expect(pairArrows(timelineOf([send(1, 7)]))).toMatchObject([{ endAt: 100, outcome: 'flying' }])
})

test('what became of a frame whose send was forgotten, and frames of unknown nodes, have no arrow', () => {
  const timeline = timelineOf([
    { kind: 'deliver', at: 1, frame: 3 },
    { kind: 'lose', at: 2, frame: 4, reason: 'cut' },
    send(3, 5, 'a', 'elsewhere'),
  ])
  expect(pairArrows(timeline)).toEqual([])
})

test('arrows are in the order of sending, whatever came first', () => {
  const events = [
    send(1, 1),
    send(2, 2),
    { kind: 'deliver', at: 3, frame: 2 },
    { kind: 'deliver', at: 4, frame: 1 },
  ] as const
  expect(pairArrows(timelineOf(events)).map(({ sentAt }) => sentAt)).toEqual([1, 2])
})
