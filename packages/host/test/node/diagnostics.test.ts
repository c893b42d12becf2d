import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { observe, type ObservedEvent } from '../../src/observer.ts'
import { diagnosticsObserver, nodeHost } from '../../src/node/index.ts'

const event: ObservedEvent = { type: 'test.thing', level: 'info', node: 'a', count: 3 }

/** What is heard on a channel while `act` runs. */
function heardOn(name: string, act: () => void): unknown[] {
  const heard: unknown[] = []
  const listen = (message: unknown): void => void heard.push(message)
  subscribe(name, listen)
  act()
  unsubscribe(name, listen)
  return heard
}

describe('events on diagnostics channels', () => {
  it('go to the channel of their type, and on to the next observer', () => {
    const next: ObservedEvent[] = []
    const observer = diagnosticsObserver((told) => void next.push(told))
    expect(heardOn('colony:test.thing', () => observer(event))).toEqual([event])
    expect(heardOn('colony:test.other', () => observer(event))).toEqual([])
    expect(next).toEqual([event, event])
  })

  it('are published before an observer that throws', () => {
    const observer = diagnosticsObserver(() => {
      throw new Error('broken')
    })
    expect(heardOn('colony:test.thing', () => observe(observer, event))).toEqual([event])
  })

  it('are those of every nodeHost', () => {
    const told: ObservedEvent[] = []
    const host = nodeHost({ clusterId: 'c', listen: 0, observer: (of) => void told.push(of) })
    expect(heardOn('colony:test.thing', () => observe(host.observer, event))).toEqual([event])
    expect(told).toEqual([event])
    expect(nodeHost({ clusterId: 'c', listen: 0 }).observer).toBeDefined()
  })
})
