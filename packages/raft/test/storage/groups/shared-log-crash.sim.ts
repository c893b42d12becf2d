import { createRandom, type Random } from '@colony/host'
import { reproLine, type Seed, seedsFromEnvironment } from '@colony/testing'
import { expect, test } from 'vitest'
import type { PersistRecord, StoredState } from '../../../src/core/entry.ts'
import { foundingMembership } from '../../../src/core/membership.ts'
import { groupLogStorage } from '../../../src/storage/groups/group-log-storage.ts'
import type { RaftGroupStorage } from '../../../src/storage/groups/group-storage.ts'
import type { RaftStorage } from '../../../src/storage/storage.ts'
import { eachSeed } from '../each-seed.ts'
import { after, describeState, EMPTY, isSame, randomRecord } from '../history.ts'
import { IDENTITY } from '../identity.ts'
import { crashVariant, FAILING, Machine } from '../machine.ts'

const FILE = 'packages/raft/test/storage/groups/shared-log-crash.sim.ts'
const NAMES = ['busy', 'slow', 'idle'] as const
type Name = (typeof NAMES)[number]
/** What must have happened at least once over all seeds, or the test tests nothing. */
const seen = new Map<string, number>()

function saw(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** What a storage owes a group: everything that it acknowledged or gave back; and what it may have instead, with the record under way. */
interface Debt {
  owed: StoredState
  perhaps: StoredState | undefined
  /** Up to where a snapshot stands for the log. */
  snapshot: number
}

function noDebts(): Record<Name, Debt> {
  const none = (): Debt => ({ owed: EMPTY, perhaps: undefined, snapshot: 0 })
  return { busy: none(), slow: none(), idle: none() }
}

/** What a group does next: writes a record, or makes a snapshot of everything up to an index, and forgets what it stands for. */
type Step = PersistRecord | { readonly snapshotAt: number }
type NextStep = (name: Name, debt: Debt) => Step | undefined

/** The busy group writes so often before the others write once more. */
const PATIENCE = 8

/** Of a state, what is left when the entries before `firstIndex` are forgotten. */
function from(firstIndex: number, { term, vote, entries }: StoredState): StoredState {
  return { term, vote, firstIndex, entries: entries.slice(firstIndex - 1) }
}

/** One process's use of the log: opens its groups, which persist side by side, until it is left. */
class Life {
  readonly debts: Record<Name, Debt>
  readonly storage: RaftGroupStorage
  error: Error | undefined
  #written = 0
  #patient: (() => void)[] = []

  constructor(storage: RaftGroupStorage, debts: Record<Name, Debt>) {
    this.storage = storage
    this.debts = debts
  }

  async run(next: NextStep): Promise<void> {
    try {
      await this.storage.open(IDENTITY)
      await Promise.all(NAMES.map((name) => this.#runGroup(name, next)))
    } catch (error) {
      this.error ??= error as Error
    }
  }

  async #runGroup(name: Name, next: NextStep): Promise<void> {
    const debt = this.debts[name]
    const group = this.storage.group(name) as Required<RaftStorage>
    this.#take(name, await group.open({ ...IDENTITY, group: name }))
    for (let step = next(name, debt); step !== undefined; step = next(name, debt)) {
      if ('snapshotAt' in step) {
        await saveSnapshot(group, step.snapshotAt)
        debt.snapshot = step.snapshotAt
      } else {
        debt.perhaps = after(debt.owed, step)
        await group.persist(step)
        debt.owed = debt.perhaps
        debt.perhaps = undefined
      }
      if (name === 'busy') this.#goOn()
      else await new Promise<void>((resolve) => this.#patient.push(resolve))
    }
  }

  #goOn(): void {
    if (++this.#written % PATIENCE !== 0) return
    for (const resolve of this.#patient.splice(0)) resolve()
  }

  #take(name: Name, found: StoredState): void {
    const debt = this.debts[name]
    const { firstIndex } = found
    debt.snapshot = found.snapshot?.index ?? 0
    const beginsWhereItMay = firstIndex <= debt.snapshot + 1
    if (firstIndex > 1) saw('a log that begins in the middle')
    if (beginsWhereItMay && isSame(found, from(firstIndex, debt.owed))) {
      if (debt.perhaps !== undefined) saw('the record under way was lost')
      debt.perhaps = undefined
    } else if (
      beginsWhereItMay &&
      debt.perhaps !== undefined &&
      isSame(found, from(firstIndex, debt.perhaps))
    ) {
      saw('the record under way was kept')
      debt.owed = debt.perhaps
      debt.perhaps = undefined
    } else {
      const allowed = [debt.owed, ...(debt.perhaps === undefined ? [] : [debt.perhaps])]
      throw new Error(
        `group ${name} found a state that nobody owed:\n${describeState(found)}\nallowed:\n${allowed.map(describeState).join('\n- or -\n')}`,
      )
    }
  }
}

async function saveSnapshot(group: Required<RaftStorage>, index: number): Promise<void> {
  const content = async function* () {
    yield new Uint8Array(500)
  }
  await group.saveSnapshot({ index, term: 3, membership: foundingMembership(['a']) }, content())
  await group.forgetLogBefore(index + 1)
}

function openOn(machine: Machine, random: Random, segmentBytes: number): RaftGroupStorage {
  return groupLogStorage({
    disk: machine.disk,
    directory: '/data/a',
    segmentBytes,
    random,
    observer: (event) => saw(event.type),
  })
}

/** Failing operations are part of the game, and so is refusing to go on after them; everything else is a finding. */
function requireExpected({ error }: Life): void {
  if (error === undefined) return
  const { code } = error as { readonly code?: unknown }
  if (code !== 'RAFT_STORAGE_FAILED' && code !== 'HOST_DISK_FAILED') throw error
  saw('an operation failed')
}

/** The busy group writes all the time and makes snapshots, the slow one writes now and then, and the idle one hardly ever. */
function drawSteps(random: Random, budget: number): NextStep {
  const left: Record<Name, number> = { busy: budget, slow: budget, idle: 1 }
  return (name, { owed, snapshot }) => {
    if (left[name]-- <= 0) return undefined
    const last = owed.entries.length
    if (name === 'busy' && last > snapshot + 1 && random.integer(0, 9) === 0) {
      return { snapshotAt: random.integer(snapshot + 1, last) }
    }
    const record = randomRecord(owed, random, 100)
    // What a snapshot stands for is never cut.
    return record.firstIndex > snapshot || record.firstIndex === 0
      ? record
      : { ...record, firstIndex: last + 1 }
  }
}

async function runSeed(seed: Seed): Promise<void> {
  const random = createRandom(seed, 'shared-log-crash')
  const machine = new Machine(random.fork('disk'))
  const choices = random.fork('choices')
  const debts = noDebts()
  for (let number = 0; number < 6; number++) {
    const segmentBytes = [1024, 2048, 4096][choices.integer(0, 2)] ?? 1024
    const life = new Life(openOn(machine, random.fork(`life ${number}`), segmentBytes), debts)
    if (choices.integer(0, 3) === 0) {
      machine.disk.failNext(FAILING[choices.integer(0, 7)] ?? 'sync', undefined, choices.integer(0, 40))
    }
    const running = life.run(drawSteps(choices, 200))
    const steps = choices.integer(0, choices.integer(0, 1) === 0 ? 30 : 400)
    for (let step = 0; step < steps && (await machine.step()); step++);
    requireExpected(life)
    if (life.error !== undefined && choices.integer(0, 1) === 0) await machine.finish(life.storage.close())
    if (choices.integer(0, 2) === 0) machine.kill()
    else machine.crash()
    void running
  }
  const last = new Life(openOn(machine, random.fork('last'), 4096), debts)
  await machine.finish(last.run(() => undefined))
  if (last.error !== undefined) throw last.error
}

const seeds = seedsFromEnvironment({ count: 400 })

test(`the log of many groups survives crashes, kills and failing operations at random moments (${seeds.length} seeds)`, async () => {
  await eachSeed(seeds, FILE, runSeed)
  if (seeds.length < 100) return
  seen.delete('raft.storage-trim-failed')
  expect([...seen.keys()].sort()).toEqual([
    'a log that begins in the middle',
    'an operation failed',
    'raft.storage-preparation-failed',
    'raft.storage-tail-cut',
    'raft.storage-trimmed',
    'the record under way was kept',
    'the record under way was lost',
  ])
})

/** A short history of three groups with everything in it: truncation, a record larger than a segment, and enough of it that the front is trimmed. */
function shortHistory(random: Random): Record<Name, Step[]> {
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => random.integer(0, 255))
  const entry = (term: number, size: number) => ({ term, kind: 'command' as const, data: bytes(size) })
  return {
    busy: [
      { term: 1, vote: 'a', firstIndex: 0, entries: [] },
      { term: 1, vote: 'a', firstIndex: 1, entries: [entry(1, 300), entry(1, 10)] },
      { term: 2, vote: '', firstIndex: 2, entries: [entry(2, 100)] },
      { term: 3, vote: 'c', firstIndex: 3, entries: [entry(3, 2500)] },
      ...[400, 800, 400, 600, 900, 100, 20].map((size, at) => ({
        ...{ term: 3, vote: 'c', firstIndex: 4 + at },
        entries: [entry(3, size)],
      })),
      { snapshotAt: 9 },
      ...[700, 10].map((size, at) => ({
        ...{ term: 3, vote: 'c', firstIndex: 11 + at },
        entries: [entry(3, size)],
      })),
    ],
    slow: [
      { term: 1, vote: '', firstIndex: 1, entries: [entry(1, 20)] },
      { term: 2, vote: 'b', firstIndex: 1, entries: [entry(2, 30), entry(2, 5)] },
    ],
    idle: [{ term: 5, vote: 'c', firstIndex: 0, entries: [] }],
  }
}

async function runUntil(step: number, variant: number, random: Random): Promise<{ isOver: boolean }> {
  const machine = new Machine(crashVariant(random.fork('disk'), variant))
  const records = shortHistory(random.fork('records'))
  const debts = noDebts()
  const life = new Life(openOn(machine, random.fork('first'), 1024), debts)
  void life.run((name) => records[name].shift())
  while (machine.steps < step && (await machine.step()));
  if (life.error !== undefined) throw life.error
  const isOver = machine.steps < step
  const choices = random.fork(`crash ${step} ${variant}`)
  // The recovery is interrupted as well, sometimes more than once.
  for (let interrupted = choices.integer(0, 2); interrupted >= 0; interrupted--) {
    if (choices.integer(0, 3) === 0) machine.kill()
    else machine.crash()
    const next = new Life(openOn(machine, random.fork('next'), 1024), debts)
    const running = next.run(() => undefined)
    const end = machine.steps + choices.integer(0, 30)
    while (interrupted > 0 && machine.steps < end && (await machine.step()));
    if (interrupted === 0) await machine.finish(running)
    if (next.error !== undefined) throw next.error
  }
  return { isOver }
}

test('a short history of several groups survives a crash at every single moment, each in many ways', async () => {
  seen.clear()
  for (const seed of seedsFromEnvironment({ count: 1 })) {
    const random = createRandom(seed, 'every-moment')
    let moments = 0
    for (let isOver = false; !isOver; moments++) {
      for (let variant = 0; variant < 4; variant++) {
        const outcome = await runUntil(moments, variant, random).catch((error: unknown) => {
          const repro = reproLine({ seed, file: FILE })
          throw new Error(`moment ${moments}, variant ${variant}, repeat with: ${repro}`, { cause: error })
        })
        isOver = outcome.isOver
      }
    }
    // If it were over after a few, nothing would have been tested.
    expect(moments).toBeGreaterThan(80)
  }
  expect(seen.get('raft.storage-trimmed')).toBeGreaterThan(0)
  expect(seen.get('a log that begins in the middle')).toBeGreaterThan(0)
})
