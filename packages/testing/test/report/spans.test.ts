import { expect, test } from 'vitest'
import { roleSpans, stateSpans } from '../../src/report/spans.ts'
import type { TimelineEvent } from '../../src/report/index.ts'
import { timelineOf } from './timelines.ts'

function state(at: number, node: string, what: 'up' | 'down' | 'paused'): TimelineEvent {
  return { kind: 'state', at, node, state: what }
}

function role(at: number, node: string, name: string, term?: number): TimelineEvent {
  return { kind: 'role', at, node, role: name, ...(term !== undefined && { term }) }
}

test('a node is down from its crash to its restart, and paused until it goes on', () => {
  const events = [
    state(10, 'b', 'down'),
    state(30, 'b', 'up'),
    state(40, 'c', 'paused'),
    state(50, 'c', 'up'),
  ]
  expect(stateSpans(timelineOf(events), 0)).toEqual([
    { node: 1, from: 10, to: 30, state: 'down' },
    { node: 2, from: 40, to: 50, state: 'paused' },
  ])
})

test('a node that never comes back is down until the end', () => {
  expect(stateSpans(timelineOf([state(10, 'a', 'down')]), 0)).toEqual([
    { node: 0, from: 10, to: 100, state: 'down' },
  ])
})

test('a paused node that crashes is first the one, then the other', () => {
  const events = [state(10, 'a', 'paused'), state(20, 'a', 'down')]
  expect(stateSpans(timelineOf(events), 0).map(({ from, to, state: what }) => [from, to, what])).toEqual([
    [10, 20, 'paused'],
    [20, 100, 'down'],
  ])
})

test('where the beginning was forgotten, a node that starts was down before', () => {
  const events = [state(30, 'a', 'up')]
  expect(stateSpans(timelineOf(events, { forgotten: 5 }), 12)).toEqual([
    { node: 0, from: 12, to: 30, state: 'down' },
  ])
  expect(stateSpans(timelineOf(events), 0)).toEqual([])
})

test('a role lasts until the next, and a new term begins a new one', () => {
  const events = [
    role(5, 'a', 'leader', 1),
    role(20, 'a', 'leader', 2),
    role(30, 'a', 'leader', 2),
    role(40, 'a', ''),
  ]
  expect(roleSpans(timelineOf(events))).toEqual([
    { node: 0, from: 5, to: 20, role: 'leader', term: 1 },
    { node: 0, from: 20, to: 40, role: 'leader', term: 2 },
  ])
})

test('a role ends with its node, but not when the node only pauses', () => {
  const events = [
    role(5, 'a', 'leader'),
    state(10, 'a', 'paused'),
    state(15, 'a', 'up'),
    state(20, 'a', 'down'),
  ]
  expect(roleSpans(timelineOf(events))).toEqual([{ node: 0, from: 5, to: 20, role: 'leader' }])
})
