import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Emitter } from '../src/emitter.ts'

interface Events {
  leader: { readonly id: string }
  term: { readonly term: number }
}

function setUp(): { emitter: Emitter<Events>; errors: [unknown, string][]; seen: string[] } {
  const errors: [unknown, string][] = []
  return { emitter: new Emitter<Events>((error, event) => errors.push([error, event])), errors, seen: [] }
}

describe('Emitter', () => {
  it('calls the listeners of one event in order, with its payload', () => {
    const { emitter, seen } = setUp()
    emitter.on('leader', ({ id }) => seen.push(`1 ${id}`))
    emitter.on('leader', ({ id }) => seen.push(`2 ${id}`))
    emitter.on('term', () => seen.push('term'))
    emitter.emit('leader', { id: 'a' })
    expect(seen).toEqual(['1 a', '2 a'])
  })

  it('reports a listener that throws or rejects, and runs the rest', async () => {
    const { emitter, errors, seen } = setUp()
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
    emitter.on('leader', () => {
      throw thrown
    })
    const asynchronous: () => unknown = async () => {
      throw rejected
    }
    emitter.on('leader', asynchronous)
    emitter.on('leader', () => seen.push('last'))
    emitter.emit('leader', { id: 'a' })
    expect(seen).toEqual(['last'])
    await Promise.resolve()
    await Promise.resolve()
    await Promise.resolve()
    expect(errors).toEqual([
      [thrown, 'leader'],
      [rejected, 'leader'],
    ])
  })

  it('survives an error handler that throws', () => {
    const seen: string[] = []
    const emitter = new Emitter<Events>(() => {
      throw new Error('from the handler')
    })
    emitter.on('term', () => {
      throw new Error('from the listener')
    })
    emitter.on('term', () => seen.push('second'))
    expect(() => emitter.emit('term', { term: 1 })).not.toThrow()
    expect(seen).toEqual(['second'])
  })

  it('stops with dispose, at once and twice without harm', () => {
    const { emitter, seen } = setUp()
    const first = emitter.on('term', () => second[Symbol.dispose]())
    const second = emitter.on('term', () => seen.push('second'))
    const same = (): unknown => seen.push('same')
    const third = emitter.on('term', same)
    emitter.on('term', same)
    emitter.emit('term', { term: 1 })
    expect(seen).toEqual(['same', 'same'])
    third[Symbol.dispose]()
    third[Symbol.dispose]()
    first[Symbol.dispose]()
    emitter.emit('term', { term: 2 })
    expect(seen).toEqual(['same', 'same', 'same'])
    expect(emitter.listenerCount('term')).toBe(1)
  })

  it('stops when the signal aborts, and leaves nothing on the signal', () => {
    const { emitter, seen } = setUp()
    const controller = new AbortController()
    const { signal } = controller
    emitter.on('term', () => seen.push('a'), { signal })
    const other = emitter.on('term', () => seen.push('b'), { signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(2)
    other[Symbol.dispose]()
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    controller.abort()
    emitter.emit('term', { term: 1 })
    expect(seen).toEqual([])
    expect(emitter.listenerCount('term')).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('never registers with a signal that has aborted', async () => {
    const { emitter } = setUp()
    const signal = AbortSignal.abort('gone')
    const never = emitter.on('term', () => {}, { signal })
    expect(emitter.listenerCount('term')).toBe(0)
    never[Symbol.dispose]()
    await expect(emitter.once('term', { signal })).rejects.toBe('gone')
    expect(emitter.listenerCount('term')).toBe(0)
  })

  it('clear removes everything and rejects what waits', async () => {
    const { emitter, seen } = setUp()
    const { signal } = new AbortController()
    emitter.on('term', () => seen.push('term'), { signal })
    const waiting = emitter.once('leader', { signal })
    emitter.clear()
    emitter.emit('term', { term: 1 })
    expect(seen).toEqual([])
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    await expect(waiting).rejects.toMatchObject({ code: 'HOST_CLOSED' })
  })
})

describe('Emitter.once', () => {
  it('takes one payload and leaves', async () => {
    const { emitter } = setUp()
    const { signal } = new AbortController()
    const next = emitter.once('leader', { signal })
    emitter.emit('leader', { id: 'a' })
    emitter.emit('leader', { id: 'b' })
    expect(await next).toEqual({ id: 'a' })
    expect(emitter.listenerCount('leader')).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('rejects with the reason of the signal', async () => {
    const { emitter } = setUp()
    const controller = new AbortController()
    const next = emitter.once('leader', { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    expect(emitter.listenerCount('leader')).toBe(0)
  })
})
