import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../src/core/core-event.ts'
import type { CoreInput, CoreOutputs, CoreSend } from '../../src/core/input.ts'
import type { Member, MemberStatus, Verdict } from '../../src/core/members/member.ts'
import type { DrivenCore } from '../../src/runtime/driven-core.ts'

/** A member as a test needs it. */
export function member(id: NodeId, status: MemberStatus = 'alive', counter = 0): Member {
  return { id, address: `mem://${id}`, incarnation: { epoch: 1, counter }, status, zone: '' }
}

/** Evidence as a test needs it. */
export function verdict(status: MemberStatus, accuser = 'self'): Verdict {
  return {
    ...{ at: 0, status, incarnation: { epoch: 1, counter: 0 }, path: 'direct', accuser },
    ...{ confirmations: [], localHealth: 0, text: `it is ${status}` },
  }
}

/** A core that does what a test says: it records its inputs, and its next outputs are put into it. */
export class FakeCore implements DrivenCore {
  readonly inputs: { readonly now: number; readonly input: CoreInput }[] = []
  readonly rows = new Map<NodeId, Member>()
  readonly states = new Map<NodeId, Map<string, Uint8Array>>()
  readonly sharedValues = new Map<string, { readonly value: Uint8Array; readonly by: NodeId }>()
  readonly health = { score: 0, reasons: [] as string[] }
  readonly drops: Record<string, number> = {}
  deadline: number = Number.POSITIVE_INFINITY
  refused: CoreOutputs['refused'] = undefined
  /** Called within every step, before its outputs are read. */
  onStep: (input: CoreInput) => void = () => {}
  #sends: CoreSend[] = []
  #events: CoreEvent[] = []

  constructor(self: NodeId = 'self') {
    this.rows.set(self, member(self))
  }

  /** What the next step sends and tells. */
  next(events: readonly CoreEvent[], sends: readonly CoreSend[] = []): void {
    this.#events.push(...events)
    this.#sends.push(...sends)
  }

  step(now: number, input: CoreInput): CoreOutputs {
    this.inputs.push({ now, input })
    this.onStep(input)
    const [events, sends] = [this.#events, this.#sends]
    this.#events = []
    this.#sends = []
    for (const event of events) this.#apply(event)
    return { sends, events, deadline: this.deadline, refused: this.refused }
  }

  get members(): DrivenCore['members'] {
    const { rows } = this
    return {
      get size() {
        return [...rows.values()].filter(({ status }) => status === 'alive' || status === 'suspect').length
      },
      get: (id) => rows.get(id),
      all: () => rows.values(),
    }
  }

  explain(id: NodeId): readonly Verdict[] {
    const row = this.rows.get(id)
    return row === undefined ? [] : [verdict(row.status)]
  }

  state(id: NodeId): Iterable<readonly [string, Uint8Array]> {
    return this.states.get(id) ?? []
  }

  sharedValue(key: string): { readonly value: Uint8Array; readonly by: NodeId } | undefined {
    return this.sharedValues.get(key)
  }

  /** The inputs of one type. */
  fed<Type extends CoreInput['type']>(type: Type): Extract<CoreInput, { readonly type: Type }>[] {
    return this.inputs.flatMap(({ input }) => (input.type === type ? [input as never] : []))
  }

  #apply(event: CoreEvent): void {
    if (event.type === 'forget') this.rows.delete(event.member.id)
    else if ('member' in event) this.rows.set(event.member.id, event.member)
    else if (event.type === 'state') {
      const state = this.states.get(event.id) ?? new Map<string, Uint8Array>()
      if (event.value === undefined) state.delete(event.key)
      else state.set(event.key, event.value)
      this.states.set(event.id, state)
    }
  }
}
