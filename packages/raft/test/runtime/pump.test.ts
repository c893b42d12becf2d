import { describe, expect, it } from 'vitest'
import { Pump } from '../../src/runtime/pump.ts'

/** A pump that notes what it calls; `onTurn` happens in each turn. */
function setUp(onTurn: (turn: number) => void = () => {}) {
  const calls: string[] = []
  let turns = 0
  const pump = new Pump({
    turn: () => {
      calls.push('turn')
      onTurn(++turns)
    },
    after: () => void calls.push('after'),
    failed: (cause) => void calls.push(`failed: ${String(cause)}`),
  })
  return { pump, calls }
}

const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

describe('pump', () => {
  it('makes one turn of all wakes of one callback, after it', async () => {
    const { pump, calls } = setUp()
    for (let i = 0; i < 5; i++) pump.wake()
    expect(calls).toEqual([])
    await microtasks()
    expect(calls).toEqual(['turn', 'after'])
    pump.wake()
    await microtasks()
    expect(calls).toEqual(['turn', 'after', 'turn', 'after'])
  })

  it('gives what is woken during a turn another one in the same row', async () => {
    const { pump, calls } = setUp((turn) => {
      if (turn < 3) pump.wake()
    })
    pump.wake()
    await microtasks()
    expect(calls).toEqual(['turn', 'turn', 'turn', 'after'])
  })

  it('goes on after a turn that threw, with what was woken in it', async () => {
    const { pump, calls } = setUp((turn) => {
      if (turn > 1) return
      pump.wake()
      throw new Error('broken')
    })
    pump.wake()
    await microtasks()
    expect(calls).toEqual(['turn', 'failed: Error: broken', 'turn', 'after'])
  })

  it('makes no turn once it was stopped, not even one that was due', async () => {
    const { pump, calls } = setUp()
    pump.wake()
    pump.stop()
    pump.wake()
    await microtasks()
    expect(calls).toEqual([])
  })

  it('stopped in a turn, ends with it', async () => {
    const { pump, calls } = setUp(() => {
      pump.wake()
      pump.stop()
    })
    pump.wake()
    await microtasks()
    expect(calls).toEqual(['turn'])
  })
})
