import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { createWorld } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, logStorage, memoryStorage, type Raft } from '../../src/index.ts'
import { decodeFrame } from '../../src/runtime/wire.ts'
import { ListMachine } from '../fixtures/list-machine.ts'
import { frameOf, MESSAGES } from '../fixtures/write-format-1.ts'
import { contents, diskWith } from '../storage/quick-disk.ts'
import { readFormat1 } from './format-1.ts'

interface Fixture {
  readonly term: number
  readonly lastIndex: number
  readonly files: Readonly<Record<string, string>>
  readonly frames: Readonly<Record<string, string>>
}

/** Written by the code of commit 861df7c, see `write-format-1.ts`. */
const FIXTURE = JSON.parse(
  readFileSync(new URL('../fixtures/format-1.json', import.meta.url), 'utf8'),
) as Fixture

const FOUR = ['a', 'b', 'c', 'd']
const ITEMS = Array.from({ length: 30 }, (_, at) => `item ${at + 1}`)

describe('frames of format 1', () => {
  for (const [name, hex] of Object.entries(FIXTURE.frames)) {
    it(`are read, and written as they were: ${name}`, () => {
      const frame = new Uint8Array(Buffer.from(hex, 'hex'))
      const message = MESSAGES[name]
      if (message === undefined) throw new Error('no such message')
      const decoded = decodeFrame(frame, 'a', 'b')
      expect(decoded.ok && decoded.value).toMatchObject(message)
      expect(Buffer.from(frameOf(message)).toString('hex')).toBe(hex)
      expect(readFormat1(frame)).toBe('understood')
    })
  }
})

describe('a data directory of format 1', () => {
  const openWorld = async () => {
    const files = Object.entries(FIXTURE.files)
    const disk = await diskWith(
      'raft',
      new Map(
        files.map(([name, packed]) => [name, new Uint8Array(gunzipSync(Buffer.from(packed, 'base64')))]),
      ),
    )
    const machines = new Map<string, ListMachine>()
    const world = createWorld<Raft<ListMachine>>({
      seed: 5,
      nodes: FOUR,
      boot: ({ id, host }) => {
        const machine = new ListMachine()
        machines.set(id, machine)
        return createRaft({
          ...{ id, members: ['a', 'b', 'c'], join: id === 'd', host, machine },
          storage:
            id === 'a'
              ? logStorage({ disk, directory: 'raft', segmentBytes: 4096, random: host.random.fork('log') })
              : memoryStorage(),
          snapshots: { everyEntries: 1_000_000, keepEntries: 0 },
        })
      },
    })
    await world.booted()
    return { world, disk, machines }
  }

  it('is opened with its snapshot, log, membership and keys, and goes on', async () => {
    const { world, machines, disk } = await openWorld()
    const a = world.node('a')
    const raft = (): Raft<ListMachine> => {
      if (a.service === undefined) throw new Error('a is not up')
      return a.service
    }
    expect(raft().status().lastIndex).toBe(FIXTURE.lastIndex)
    expect(raft().members.list().voters).toEqual(FOUR)
    await world.runUntil(() => raft().status().appliedIndex >= FIXTURE.lastIndex, { withinMs: 30_000 })
    expect(raft().status().term).toBeGreaterThan(FIXTURE.term)
    expect(machines.get('a')?.items).toEqual(ITEMS)

    // Under keys of the snapshot and of the log.
    for (const number of [2, 20, 22, 30]) {
      const key = { idempotencyKey: `key ${number}` }
      const { value } = await world.finish(raft().propose({ add: `item ${number}` }, key))
      expect(value).toBe(number)
    }
    const session = await world.finish(raft().session())
    await world.finish(session.propose({ add: 'new' }))
    await world.finish(raft().snapshot())
    a.crash({ power: false })
    await world.run(100)
    a.restart()
    await world.runUntil(() => FOUR.every((id) => machines.get(id)?.items.length === 31), {
      withinMs: 30_000,
    })
    for (const id of FOUR) expect(machines.get(id)?.items).toEqual([...ITEMS, 'new'])
    const resumed = await world.finish(raft().session({ id: session.id }))
    await expect(world.finish(resumed.propose({ add: 'other' }, { number: 1 }))).rejects.toMatchObject({
      code: 'RAFT_KEY_REUSED',
    })
    expect((await contents(disk, 'raft')).size).toBeGreaterThan(0)
  })
})
