import type { Address, NodeId, Random } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { MemberUpdate } from '../wire/member-update.ts'
import { writeUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { Conflicts } from './conflicts.ts'
import { FloorRecall } from './floor-recall.ts'
import { Membership, type MembershipHooks } from './membership.ts'
import { MemberTable, SELF } from './member-table.ts'
import { KnownMembers } from './members-view.ts'
import { OwnWord } from './own-word.ts'
import { ReapFloor } from './reap-floor.ts'
import { Rotation } from './rotation.ts'
import { Transitions, type TransitionWatch } from './transitions.ts'
import { VerdictLog } from './verdict-log.ts'

/** The data of membership, without rules. */
export interface MembershipData {
  readonly table: MemberTable
  readonly rotation: Rotation
  readonly view: KnownMembers
}

/** Makes the data: before the context, which shows them to all parts. */
export function membershipData(random: Random): MembershipData {
  const table = new MemberTable()
  const rotation = new Rotation(random.fork('rotation'))
  return { table, rotation, view: new KnownMembers(table, rotation, random.fork('members')) }
}

/** What {@link membershipOf} takes from the core's options. */
export interface MembershipSettings extends MembershipHooks {
  readonly epoch: number
  readonly maxMembers: number
  readonly watch: TransitionWatch | undefined
  /** This node had to refute a complaint about its present life. */
  refuted(): void
  /** Sends one section to whoever is at an address. */
  contact(at: Address, tag: number, body: Uint8Array): void
}

/** The rules on top of the data. */
export interface MembershipRules {
  readonly membership: Membership
  readonly verdicts: VerdictLog
}

/** Puts the rules of membership together. */
export function membershipOf(
  context: CoreContext,
  { table, rotation }: MembershipData,
  settings: MembershipSettings,
): MembershipRules {
  const { epoch, maxMembers, admit, merge, watch } = settings
  const verdicts = new VerdictLog()
  const floor = new ReapFloor(2 * maxMembers, context.timing.tombstoneMs)
  const conflicts = new Conflicts(context)
  const transitions = new Transitions(context, { table, rotation, floor, verdicts, watch })
  const ownWord = new OwnWord(context, {
    own: () => table.rowAt(SELF),
    write: (row, path) => transitions.change(SELF, row, path),
    record: () => membership.record(context.self) as MemberUpdate,
    tell: teller(context),
    refuted: settings.refuted,
    conflicts,
  })
  const membership: Membership = new Membership(context, {
    table,
    floor,
    floorRecall: new FloorRecall(context, settings.contact),
    transitions,
    conflicts,
    ownWord,
    maxMembers,
    epoch,
    admit,
    merge,
  })
  return { membership, verdicts }
}

/** Tells one member one piece of news, directly. */
function teller(context: CoreContext): (to: NodeId, update: MemberUpdate) => void {
  return (to, update) => {
    writeUpdate(SCRATCH, update, context.self)
    context.send(to, TAGS.updates, SCRATCH.finish())
  }
}
