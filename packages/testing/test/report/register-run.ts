import type { NodeId } from '@colony/host'
import {
  checkLinearizable,
  createWorld,
  type FaultStep,
  History,
  registerModel,
  type SimulatedNode,
  type World,
} from '../../src/index.ts'
import type { FailurePicture } from '../../src/report/index.ts'

/** How much happens in {@link registerRun}. */
export interface RunSize {
  readonly nodes: readonly NodeId[]
  readonly clients: number
  readonly durationMs: number
  readonly heartbeatMs: number
  readonly events: number
  readonly faults: readonly FaultStep[]
}

/** What a leader tells the others. */
interface Announcement {
  readonly term: number
  readonly version: number
  readonly value: number
}

/** A register with one leader at a time, as it seems: whoever hears no leader makes itself one, and an old one that hears nothing goes on. */
interface RegisterService {
  write(value: number): void
  read(): number
}

/** A run of a service that is wrong in the usual ways, as a picture: two leaders during partitions, so reads of old values and lost writes. */
export async function registerRun(size: RunSize): Promise<FailurePicture> {
  const world: World<RegisterService> = createWorld<RegisterService>({
    seed: 0x9f3a,
    nodes: size.nodes,
    network: { meanLatencyMs: 4, loss: 0.02, duplicate: 0.02 },
    timeline: { events: size.events },
    describeFrame: (_, frame) => {
      const { term, value, version } = decode(frame)
      return version === 0 ? `lead ${term}` : `x=${value} (${version}, term ${term})`
    },
    boot: async (node) => {
      await node.host.open(node.id)
      return startRegister(world, node, size)
    },
  })
  await world.booted()
  world.apply(size.faults)
  const history = new History(world)
  for (let client = 1; client <= size.clients; client += 1) startClient(world, history, client, size)
  await world.run(size.durationMs)
  const { operations } = history
  const result = checkLinearizable(registerModel({ initial: 0 }), operations)
  const witness = 'witness' in result ? result.witness : undefined
  return {
    title: 'register with an eager leader',
    timeline: world.timeline,
    operations,
    ...(witness !== undefined && { witness }),
    scenario: {
      v: 1,
      suite: 'register',
      seed: world.seed,
      nodes: size.nodes,
      durationMs: size.durationMs,
      settings: {},
      operations: [],
      faults: size.faults,
    },
    failure: { check: 'linearizability', message: 'the history of register x has no legal order' },
    repro: 'COLONY_SEED=0x9f3a npx vitest run packages/testing/test/report/register.sim.ts',
  }
}

function startRegister(
  world: World<RegisterService>,
  node: SimulatedNode<never>,
  { nodes, heartbeatMs }: RunSize,
): RegisterService {
  const { clock, transport } = node.host
  let known: Announcement = { term: 0, version: 0, value: 0 }
  let leads = false
  let heardAt = clock.now()
  const patience = heartbeatMs * (4 + 2 * nodes.indexOf(node.id))
  const announce = (): void => {
    for (const peer of nodes) if (peer !== node.id) transport.send(peer, 'register', encode(known))
  }
  transport.receive('register', (_, frame) => {
    const told = decode(frame)
    if (told.term < known.term || (leads && told.term === known.term)) return
    if (leads) world.role(node.id, '')
    leads = false
    heardAt = clock.now()
    known = told
  })
  const beat = (): void => {
    if (!leads && clock.now() - heardAt > patience) {
      leads = true
      known = { ...known, term: known.term + 1 }
      world.role(node.id, 'leader', known.term)
    }
    if (leads) announce()
    clock.after(heartbeatMs, beat)
  }
  clock.after(heartbeatMs, beat)
  return {
    write: (value) => {
      if (!leads) throw new Error('not the leader')
      known = { ...known, version: known.version + 1, value }
      announce()
    },
    read: () => {
      if (!leads) throw new Error('not the leader')
      return known.value
    },
  }
}

function startClient(
  world: World<RegisterService>,
  history: History,
  client: number,
  { nodes, durationMs }: RunSize,
): void {
  const random = world.random.fork(`client ${client}`)
  const work = async (): Promise<void> => {
    for (let count = 1; world.now < durationMs; count += 1) {
      await world.sleep(random.integer(10, 60))
      const node = world.node(nodes[random.integer(0, nodes.length - 1)] as NodeId)
      const writes = random.float() < 0.5
      const value = client * 1000 + count
      await history.record(
        { process: client, f: writes ? 'write' : 'read', key: 'x', ...(writes && { value }) },
        async () => {
          await world.sleep(random.integer(1, 12))
          const answer = node.call((service) => (writes ? service.write(value) : service.read()))
          const late = world.sleep(150).then(() => Promise.reject(new Error('timeout')))
          const result = await Promise.race([answer, late])
          await world.sleep(random.integer(1, 12))
          return writes ? undefined : result
        },
        (error) => (String(error).includes('timeout') ? 'unknown' : 'fail'),
      )
    }
  }
  void work()
}

function encode({ term, version, value }: Announcement): Uint8Array {
  return new Uint8Array(Uint32Array.of(term, version, value).buffer)
}

function decode(frame: Uint8Array): Announcement {
  const [term = 0, version = 0, value = 0] = new Uint32Array(frame.slice().buffer)
  return { term, version, value }
}
