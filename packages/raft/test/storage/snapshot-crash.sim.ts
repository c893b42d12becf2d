import { createRandom, type Random } from '@colony/host'
import { reproLine, type Seed, seedsFromEnvironment } from '@colony/testing'
import { expect, test } from 'vitest'
import type { Entry, PersistRecord, StoredState } from '../../src/core/entry.ts'
import { foundingMembership } from '../../src/core/membership.ts'
import { RaftError } from '../../src/errors.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import type { RaftStorage } from '../../src/storage/storage.ts'
import { eachSeed } from './each-seed.ts'
import { IDENTITY } from './identity.ts'
import { crashVariant, Machine } from './machine.ts'

const FILE = 'packages/raft/test/storage/snapshot-crash.sim.ts'
const MEMBERSHIP = foundingMembership(['a', 'b', 'c'])

/** What must have happened at least once over all seeds, or the test tests nothing. */
const seen = new Map<string, number>()

function saw(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

interface Snapshot {
  readonly index: number
  readonly term: number
  readonly content: Uint8Array
}

/** What a storage owes, told independently of the code under test: every entry since the log was last replaced, whatever was forgotten. */
interface Owed {
  readonly term: number
  readonly vote: string
  readonly firstIndex: number
  readonly entries: readonly Entry[]
  /** The log may begin anywhere up to here. */
  readonly forgotten: number
  readonly snapshot: Snapshot | undefined
}

const NOTHING: Owed = { term: 0, vote: '', firstIndex: 1, entries: [], forgotten: 1, snapshot: undefined }

type Step =
  | { readonly do: 'persist'; readonly record: PersistRecord }
  | { readonly do: 'save'; readonly snapshot: Snapshot; readonly failing?: boolean }
  | { readonly do: 'forget'; readonly index: number }
  | { readonly do: 'await save' }

function lastIndex({ firstIndex, entries }: Pick<Owed, 'firstIndex' | 'entries'>): number {
  return firstIndex - 1 + entries.length
}

function afterRecord(owed: Owed, record: PersistRecord): Owed {
  const { term, vote, firstIndex, entries, replacesLog } = record
  if (firstIndex === 0) return { ...owed, term, vote }
  if (replacesLog === true) return { ...owed, term, vote, firstIndex, entries, forgotten: firstIndex }
  const kept = owed.entries.slice(0, firstIndex - owed.firstIndex)
  return { ...owed, term, vote, entries: [...kept, ...entries] }
}

function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  return (
    a.length === b.length &&
    a.every((entry, at) => entry.term === b[at]?.term && Buffer.compare(entry.data, b[at].data) === 0)
  )
}

/** Whether a storage that gave this back has kept its word. */
function keeps(found: StoredState, owed: Owed): boolean {
  const { firstIndex, entries, term, vote } = found
  if (term !== owed.term || vote !== owed.vote || firstIndex < owed.firstIndex) return false
  // A log of which everything was forgotten may say that it begins behind the snapshot.
  if (firstIndex > owed.forgotten && (entries.length > 0 || firstIndex !== (owed.snapshot?.index ?? 0) + 1))
    return false
  if (firstIndex > owed.forgotten && lastIndex(owed) >= firstIndex) return false
  return sameEntries(entries, owed.entries.slice(firstIndex - owed.firstIndex))
}

async function contentOf(storage: RaftStorage): Promise<Snapshot | undefined> {
  const stored = await storage.openSnapshot?.()
  if (stored === undefined) return undefined
  const parts: Uint8Array[] = []
  for (let offset = 0; offset < stored.bytes; offset += parts.at(-1)?.length ?? 1)
    parts.push(await stored.read(offset, 700))
  await stored.close()
  const { index, term, membership } = stored.meta
  expect(membership).toEqual(MEMBERSHIP)
  return { index, term, content: Buffer.concat(parts) }
}

function sameSnapshot(a: Snapshot | undefined, b: Snapshot | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.index === b.index && a.term === b.term && Buffer.compare(a.content, b.content) === 0
}

async function* chunksOf({ content }: Snapshot, failing: boolean): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 500) {
    if (failing && at > 0) throw new Error('the machine failed')
    yield content.subarray(at, at + 500)
  }
}

/** One process's use of a log with snapshots, until it is left. Knows what was promised to it. */
class Life {
  owed: Owed
  /** The record and the snapshot under way: each may be there or not. */
  record: PersistRecord | undefined
  saving: Snapshot | undefined
  error: Error | undefined
  readonly #storage: RaftStorage
  #save: Promise<void> = Promise.resolve()

  constructor(storage: RaftStorage, before?: Life) {
    this.#storage = storage
    this.owed = before?.owed ?? NOTHING
    this.record = before?.record
    this.saving = before?.saving
  }

  async run(next: (owed: Owed) => Step | undefined): Promise<void> {
    try {
      await this.#open()
      for (let step = next(this.owed); step !== undefined; step = next(this.owed)) await this.#take(step)
      await this.#save
    } catch (error) {
      this.error = error as Error
    }
  }

  async #open(): Promise<void> {
    const found = await this.#storage.open(IDENTITY)
    const snapshot = await contentOf(this.#storage)
    expect(found.snapshot?.index).toBe(snapshot?.index)
    const isNew = this.saving !== undefined && sameSnapshot(snapshot, this.saving)
    if (!isNew && !sameSnapshot(snapshot, this.owed.snapshot))
      throw new Error('another snapshot than was owed')
    if (this.saving !== undefined)
      saw(isNew ? 'the snapshot under way was kept' : 'the snapshot under way was lost')
    const owed = { ...this.owed, snapshot }
    const with_ = this.record === undefined ? owed : afterRecord(owed, this.record)
    const now = [owed, with_].find((state) => keeps(found, state))
    if (now === undefined)
      throw new Error(`found a log that nobody owed: ${describe(found)} instead of ${describe(owed)}`)
    if (found.firstIndex > 1) saw('the log began in the middle')
    this.owed = now
    this.record = this.saving = undefined
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'persist':
        this.record = step.record
        await this.#storage.persist(step.record)
        this.owed = afterRecord(this.owed, step.record)
        this.record = undefined
        return
      case 'save':
        this.#save = this.#saveSnapshot(step.snapshot, step.failing === true)
        // Awaited later, and at the end.
        this.#save.catch(() => undefined)
        return
      case 'await save':
        await this.#save
        return
      case 'forget':
        this.owed = { ...this.owed, forgotten: Math.max(this.owed.forgotten, step.index) }
        await this.#storage.forgetLogBefore?.(step.index)
    }
  }

  async #saveSnapshot(snapshot: Snapshot, failing: boolean): Promise<void> {
    this.saving = snapshot
    const { index, term } = snapshot
    const meta = { index, term, membership: MEMBERSHIP }
    const saved = this.#storage.saveSnapshot?.(meta, chunksOf(snapshot, failing))
    try {
      await saved
      this.owed = { ...this.owed, snapshot }
    } catch (error) {
      // Not with `expect`: it would wait for a promise that a crash has left without an end.
      if (!failing || (error as Error).message !== 'the machine failed') throw error
      saw('a snapshot was given up')
    }
    this.saving = undefined
  }
}

function describe({
  term,
  vote,
  firstIndex,
  entries,
}: Pick<Owed, 'term' | 'vote' | 'firstIndex' | 'entries'>): string {
  return `term ${term}, vote '${vote}', entries ${firstIndex} to ${firstIndex - 1 + entries.length}`
}

function bytes(random: Random, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.integer(0, 255))
}

function entries(random: Random, term: number, ...sizes: readonly number[]): Entry[] {
  return sizes.map((size) => ({ term, kind: 'command', data: bytes(random, size) }))
}

function openOn(machine: Machine, random: Random, segmentBytes: number): RaftStorage {
  return logStorage({ disk: machine.disk, directory: '/data/a', segmentBytes, random })
}

/** Everything in few steps: a snapshot while records are written, cuts, one that takes the place of the log, and one that is given up. */
function shortHistory(random: Random): Step[] {
  const record = (term: number, firstIndex: number, ...sizes: number[]): Step => ({
    do: 'persist',
    record: { term, vote: 'a', firstIndex, entries: entries(random, term, ...sizes) },
  })
  return [
    record(1, 1, 300, 10, 700),
    record(1, 4, 500, 400),
    { do: 'save', snapshot: { index: 4, term: 1, content: bytes(random, 1800) } },
    record(1, 6, 300),
    { do: 'await save' },
    { do: 'forget', index: 3 },
    record(2, 6, 900, 20),
    { do: 'save', snapshot: { index: 6, term: 2, content: bytes(random, 900) }, failing: true },
    { do: 'await save' },
    { do: 'forget', index: 5 },
    { do: 'save', snapshot: { index: 10, term: 3, content: bytes(random, 1200) } },
    { do: 'await save' },
    { do: 'persist', record: { term: 3, vote: '', firstIndex: 11, entries: [], replacesLog: true } },
    { do: 'forget', index: 11 },
    record(3, 11, 600, 600),
    record(4, 0),
    record(4, 12, 5000),
  ]
}

async function runUntil(step: number, variant: number, random: Random): Promise<boolean> {
  const machine = new Machine(crashVariant(random.fork('disk'), variant))
  const steps = shortHistory(random.fork('steps'))
  let life = new Life(openOn(machine, random.fork('first'), 1024))
  void life.run(() => steps.shift())
  while (machine.steps < step && (await machine.step()));
  if (life.error !== undefined) throw life.error
  const isOver = machine.steps < step
  const choices = random.fork(`crash ${step} ${variant}`)
  // The recovery is interrupted as well, sometimes more than once.
  for (let interrupted = choices.integer(0, 2); interrupted >= 0; interrupted--) {
    if (choices.integer(0, 3) === 0) machine.kill()
    else machine.crash()
    life = new Life(openOn(machine, random.fork('next'), 1024), life)
    const running = life.run(() => undefined)
    const end = machine.steps + choices.integer(0, 30)
    while (interrupted > 0 && machine.steps < end && (await machine.step()));
    if (interrupted === 0) await machine.finish(running)
    if (life.error !== undefined) throw life.error
  }
  return isOver
}

test('a short history with snapshots survives a crash at every single moment, each in many ways', async () => {
  for (const seed of seedsFromEnvironment({ count: 1 })) {
    const random = createRandom(seed, 'every-moment')
    let moments = 0
    for (let isOver = false; !isOver; moments++) {
      for (let variant = 0; variant < 10; variant++) {
        isOver = await runUntil(moments, variant, random).catch((error: unknown) => {
          const repro = reproLine({ seed, file: FILE })
          throw new Error(`moment ${moments}, variant ${variant}, repeat with: ${repro}`, { cause: error })
        })
      }
    }
    // If it were over after a few, nothing would have been tested.
    expect(moments).toBeGreaterThan(100)
  }
})

const FAILING = [
  'writeDurable',
  'write',
  'sync',
  'syncDirectory',
  'rename',
  'open',
  'read',
  'remove',
] as const

/** Any step that makes sense after what there is. */
function randomStep(owed: Owed, random: Random): Step {
  const last = lastIndex(owed)
  const stands = owed.snapshot?.index ?? 0
  const term = owed.term + random.integer(0, 1)
  const sizes = Array.from({ length: random.integer(0, 4) }, () => random.integer(0, 500))
  switch (random.integer(0, 9)) {
    case 0:
      return { do: 'await save' }
    case 1:
      return { do: 'forget', index: random.integer(1, Math.min(stands, last) + 1) }
    case 2: {
      const index = stands + random.integer(1, Math.max(1, last - stands))
      const snapshot = { index, term, content: bytes(random, random.integer(0, 4000)) }
      return { do: 'save', snapshot, failing: snapshot.content.length > 500 && random.integer(0, 3) === 0 }
    }
    case 3:
      if (stands <= last) break
      return {
        do: 'persist',
        record: {
          term,
          vote: '',
          firstIndex: stands + 1,
          entries: entries(random, term, ...sizes),
          replacesLog: true,
        },
      }
    default:
  }
  // What a snapshot stands for is committed and never replaced.
  const least = Math.min(last + 1, Math.max(owed.forgotten, stands + 1))
  const firstIndex = random.integer(0, 4) === 0 ? random.integer(least, last + 1) : last + 1
  return { do: 'persist', record: { term, vote: 'b', firstIndex, entries: entries(random, term, ...sizes) } }
}

async function runSeed(seed: Seed): Promise<void> {
  const random = createRandom(seed, 'snapshot-crash')
  const machine = new Machine(random.fork('disk'))
  const choices = random.fork('choices')
  let life: Life | undefined
  for (let number = 0; number < 8; number++) {
    const segmentBytes = [1024, 2048, 4096][choices.integer(0, 2)] ?? 1024
    life = new Life(openOn(machine, random.fork(`life ${number}`), segmentBytes), life)
    if (choices.integer(0, 3) === 0)
      machine.disk.failNext(FAILING[choices.integer(0, 7)] ?? 'sync', undefined, choices.integer(0, 12))
    let saving = false
    const running = life.run((owed) => {
      const step = randomStep(owed, choices)
      if (step.do === 'save' && saving) return { do: 'await save' }
      if (step.do === 'save') saving = true
      if (step.do === 'await save') saving = false
      return step
    })
    const steps = choices.integer(0, 200)
    for (let step = 0; step < steps && (await machine.step()); step++);
    requireExpected(life)
    if (choices.integer(0, 2) === 0) machine.kill()
    else machine.crash()
    void running
  }
  const last = new Life(openOn(machine, random.fork('last'), 4096), life)
  await machine.finish(last.run(() => undefined))
  if (last.error !== undefined) throw last.error
}

/** Failing operations are part of the game, and so is refusing to go on after them; everything else is a finding. */
function requireExpected({ error }: Life): void {
  if (error === undefined) return
  const cause = error instanceof RaftError ? error.code : (error as { readonly code?: unknown }).code
  if (cause !== 'RAFT_STORAGE_FAILED' && cause !== 'HOST_DISK_FAILED' && !error.message.includes('i/o error'))
    throw error
  saw('an operation failed')
}

const seeds = seedsFromEnvironment({ count: 300 })

test(`a log with snapshots survives crashes, kills and failing operations at random moments (${seeds.length} seeds)`, async () => {
  await eachSeed(seeds, FILE, runSeed)
  if (seeds.length < 100) return
  expect([...seen.keys()].sort()).toEqual([
    'a snapshot was given up',
    'an operation failed',
    'the log began in the middle',
    'the snapshot under way was kept',
    'the snapshot under way was lost',
  ])
})
