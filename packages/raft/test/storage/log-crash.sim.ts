import { createRandom, type Random } from '@colony/host'
import { reproLine, type Seed, seedsFromEnvironment } from '@colony/testing'
import { expect, test } from 'vitest'
import type { PersistRecord, StoredState } from '../../src/core/entry.ts'
import { RaftError } from '../../src/errors.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import type { RaftStorage } from '../../src/storage/storage.ts'
import { eachSeed } from './each-seed.ts'
import { after, describeState, EMPTY, isSame, randomRecord } from './history.ts'
import { IDENTITY } from './identity.ts'
import { crashVariant, FAILING, Machine } from './machine.ts'

const FILE = 'packages/raft/test/storage/log-crash.sim.ts'
/** What must have happened at least once over all seeds, or the test tests nothing. */
const seen = new Map<string, number>()

function saw(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** One process's use of a log: opens it and persists, until it is left. Knows what was promised to it. */
class Life {
  /** The state that the storage owes: everything it acknowledged, or returned from `open`. */
  owed: StoredState
  /** The state that it may have instead: with the record under way. */
  perhaps: StoredState | undefined
  error: Error | undefined
  readonly storage: RaftStorage

  constructor(storage: RaftStorage, owed: StoredState, perhaps: StoredState | undefined) {
    this.storage = storage
    this.owed = owed
    this.perhaps = perhaps
  }

  async run(records: (state: StoredState) => PersistRecord | undefined): Promise<void> {
    try {
      this.#take(await this.storage.open(IDENTITY))
      for (let record = records(this.owed); record !== undefined; record = records(this.owed)) {
        this.perhaps = after(this.owed, record)
        await this.storage.persist(record)
        this.owed = this.perhaps
        this.perhaps = undefined
      }
    } catch (error) {
      this.error = error as Error
    }
  }

  #take(found: StoredState): void {
    if (isSame(found, this.owed)) {
      if (this.perhaps !== undefined) saw('the record under way was lost')
      this.perhaps = undefined
    } else if (this.perhaps !== undefined && isSame(found, this.perhaps)) {
      saw('the record under way was kept')
      this.owed = this.perhaps
      this.perhaps = undefined
    } else {
      const allowed = [this.owed, ...(this.perhaps === undefined ? [] : [this.perhaps])]
      throw new Error(
        `found a state that nobody owed:\n${describeState(found)}\nallowed:\n${allowed.map(describeState).join('\n- or -\n')}`,
      )
    }
  }
}

function openOn(machine: Machine, random: Random, segmentBytes: number): RaftStorage {
  return logStorage({
    disk: machine.disk,
    directory: '/data/a',
    segmentBytes,
    random,
    observer: (event) => saw(event.type),
  })
}

/** Failing operations are part of the game, and so is refusing to go on after them; everything else is a finding. */
function requireExpected(life: Life): void {
  if (life.error === undefined) return
  if (life.error instanceof RaftError && life.error.code === 'RAFT_STORAGE_FAILED') {
    saw('an operation failed')
    return
  }
  throw life.error
}

async function runSeed(seed: Seed): Promise<void> {
  const random = createRandom(seed, 'log-crash')
  const machine = new Machine(random.fork('disk'))
  const choices = random.fork('choices')
  let owed: StoredState = EMPTY
  let perhaps: StoredState | undefined
  for (let number = 0; number < 8; number++) {
    const segmentBytes = [1024, 2048, 4096, 8192][choices.integer(0, 3)] ?? 1024
    const life = new Life(openOn(machine, random.fork(`life ${number}`), segmentBytes), owed, perhaps)
    if (choices.integer(0, 3) === 0) {
      machine.disk.failNext(FAILING[choices.integer(0, 7)] ?? 'sync', undefined, choices.integer(0, 12))
    }
    const running = life.run((state) => randomRecord(state, choices))
    const steps = choices.integer(0, choices.integer(0, 1) === 0 ? 20 : 150)
    for (let step = 0; step < steps && (await machine.step()); step++);
    requireExpected(life)
    if (life.error !== undefined && choices.integer(0, 1) === 0) await machine.finish(life.storage.close())
    ;({ owed, perhaps } = life)
    if (choices.integer(0, 2) === 0) machine.kill()
    else machine.crash()
    void running
  }
  const last = new Life(openOn(machine, random.fork('last'), 4096), owed, perhaps)
  await machine.finish(last.run(() => undefined))
  if (last.error !== undefined) throw last.error
}

const seeds = seedsFromEnvironment({ count: 600 })

test(`a log survives crashes, kills and failing operations at random moments (${seeds.length} seeds)`, async () => {
  await eachSeed(seeds, FILE, runSeed)
  if (seeds.length < 100) return
  expect([...seen.keys()].sort()).toEqual([
    'an operation failed',
    'raft.storage-preparation-failed',
    'raft.storage-tail-cut',
    'the record under way was kept',
    'the record under way was lost',
  ])
  for (const [what, times] of seen) expect(times, what).toBeGreaterThan(seeds.length / 20)
})

/** A short history with everything in it: rollover, truncation, a record larger than a segment. */
function shortHistory(random: Random): PersistRecord[] {
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => random.integer(0, 255))
  const entry = (term: number, size: number) => ({ term, kind: 'command' as const, data: bytes(size) })
  return [
    { term: 1, vote: 'a', firstIndex: 0, entries: [] },
    { term: 1, vote: 'a', firstIndex: 1, entries: [entry(1, 300), entry(1, 10)] },
    { term: 1, vote: 'a', firstIndex: 3, entries: [entry(1, 700)] },
    { term: 2, vote: '', firstIndex: 2, entries: [entry(2, 100)] },
    { term: 3, vote: 'c', firstIndex: 3, entries: [entry(3, 5000)] },
    { term: 3, vote: 'c', firstIndex: 3, entries: [] },
    { term: 3, vote: 'c', firstIndex: 3, entries: [entry(3, 900)] },
  ]
}

async function runUntil(step: number, variant: number, random: Random): Promise<{ isOver: boolean }> {
  const machine = new Machine(crashVariant(random.fork('disk'), variant))
  const records = shortHistory(random.fork('records'))
  const life = new Life(openOn(machine, random.fork('first'), 1024), EMPTY, undefined)
  void life.run(() => records.shift())
  while (machine.steps < step && (await machine.step()));
  if (life.error !== undefined) throw life.error
  const isOver = machine.steps < step
  let { owed, perhaps } = life
  const choices = random.fork(`crash ${step} ${variant}`)
  // The recovery is interrupted as well, sometimes more than once.
  for (let interrupted = choices.integer(0, 2); interrupted >= 0; interrupted--) {
    if (choices.integer(0, 3) === 0) machine.kill()
    else machine.crash()
    const next = new Life(openOn(machine, random.fork('next'), 1024), owed, perhaps)
    const running = next.run(() => undefined)
    const end = machine.steps + choices.integer(0, 30)
    while (interrupted > 0 && machine.steps < end && (await machine.step()));
    if (interrupted === 0) await machine.finish(running)
    if (next.error !== undefined) throw next.error
    ;({ owed, perhaps } = next)
  }
  return { isOver }
}

test('a short history survives a crash at every single moment, each in many ways', async () => {
  const chosen = seedsFromEnvironment({ count: 1 })
  for (const seed of chosen) {
    const random = createRandom(seed, 'every-moment')
    let moments = 0
    for (let isOver = false; !isOver; moments++) {
      for (let variant = 0; variant < 12; variant++) {
        const outcome = await runUntil(moments, variant, random).catch((error: unknown) => {
          const repro = reproLine({ seed, file: FILE })
          throw new Error(`moment ${moments}, variant ${variant}, repeat with: ${repro}`, { cause: error })
        })
        isOver = outcome.isOver
      }
    }
    // If it were over after a few, nothing would have been tested.
    expect(moments).toBeGreaterThan(60)
  }
})
