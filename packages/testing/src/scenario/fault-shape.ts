import type { DiskChange } from '../disk/disk-settings.ts'
import { SOUND_DISK, validateDiskChange } from '../disk/disk-settings.ts'
import type { ArmedFault, FaultKind } from '../faults/fault-step.ts'
import type { LinkChange } from '../network/link-settings.ts'
import { DEFAULT_LINK, validateLinkChange } from '../network/link-settings.ts'
import type { Shape } from './shape.ts'
import {
  anything,
  boolean,
  fieldsOf,
  listOf,
  malformed,
  number,
  object,
  oneOf,
  text,
  whole,
} from './shape.ts'

interface Fields {
  readonly required: Readonly<Record<string, Shape>>
  readonly optional?: Readonly<Record<string, Shape>>
}

const TIME = number(0, 1e12)
const LONG = number(0, 1e9)

const NODE: Fields = { required: { node: text } }
const SELECTION = { from: text, to: text }

/** What each kind of step has beside `do` and its time. */
const FIELDS: Readonly<Record<FaultKind, Fields>> = {
  crash: { ...NODE, optional: { power: boolean } },
  wipe: NODE,
  restart: NODE,
  pause: NODE,
  resume: NODE,
  partition: { required: { groups: listOf(listOf(text)) } },
  cut: { required: { links: listOf(listOf(text, 2)) } },
  heal: { required: {}, optional: SELECTION },
  network: { required: { change: linkChange }, optional: SELECTION },
  clock: {
    ...NODE,
    optional: { rate: number(0.01, 100), jumpMs: LONG, skewMs: number(-1e12, 1e12) },
  },
  timers: { required: { node: text, slackMs: number(0, 1e6) } },
  loop: { required: { node: text, busyMs: number(0, 1e6) } },
  disk: { required: { node: text, change: diskChange } },
  disarm: { required: {} },
  arm: {
    // oxlint-disable-next-line unicorn/no-thenable -- the name of a field of a step; nobody awaits this
    required: { point: text, then: armedFault },
    optional: { node: text, skip: whole(0, 1e9), delayMs: LONG },
  },
}

const KINDS = Object.keys(FIELDS) as FaultKind[]

/** A fault step as it stands in a file. Whether its nodes exist is not looked at. */
export const faultStep: Shape = (value, path) => ofKind(value, path, KINDS, { at: TIME })

function armedFault(value: unknown, path: string): void {
  const kinds: readonly ArmedFault['do'][] = KINDS.filter((kind) => kind !== 'arm')
  ofKind(value, path, kinds, {})
}

function ofKind(
  value: unknown,
  path: string,
  kinds: readonly FaultKind[],
  time: Readonly<Record<string, Shape>>,
): void {
  const kind = fieldsOf(value, path).get('do')
  oneOf(kinds)(kind, `${path}.do`)
  const { required, optional } = FIELDS[kind as FaultKind]
  object({ do: anything, ...time, ...required }, { forMs: LONG, ...optional })(value, path)
}

function linkChange(value: unknown, path: string): void {
  knownFields(value, path, DEFAULT_LINK)
  validateLinkChange(value as LinkChange)
}

function diskChange(value: unknown, path: string): void {
  knownFields(value, path, SOUND_DISK)
  validateDiskChange(value as DiskChange)
}

function knownFields(value: unknown, path: string, known: object): void {
  for (const name of fieldsOf(value, path).keys())
    if (!Object.hasOwn(known, name))
      throw malformed(`a field of ${path}`, `one of ${Object.keys(known).join(', ')}`, name)
}
