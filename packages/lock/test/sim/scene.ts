import { History, type Scenario, type World, createWorld } from '@colony/testing'
import type { AcquireOptions, Capabilities, Lock, Locks } from '../../src/index.ts'
import type { BackendModel } from './backend-model.ts'
import { lockSuite } from './lock-suite.ts'
import { type ClientService, LockRun, nodesOf, type Run } from './lock-run.ts'
import type { StoreWrite } from './store.ts'

/** Any lock; on a backend without tokens, the token is 0. */
export type AnyLock = Lock<Capabilities> & { readonly fencingToken: bigint }

const NOTHING: Capabilities = {
  ...{ fencing: false, shared: false, semaphore: false, owners: false, values: false },
}

/** The machines of a model, healthy, for a schedule that is written by hand. */
export class Scene {
  readonly run: Run
  readonly world: World<ClientService | undefined>

  private constructor(model: BackendModel, seed: number, settings: Readonly<Record<string, unknown>>) {
    const suite = lockSuite(model, NOTHING)
    const nodes = nodesOf(model)
    const scenario: Scenario = {
      ...{ v: 1, suite: model.name, seed, nodes, durationMs: 0, settings, operations: [], faults: [] },
    }
    const world: World<ClientService | undefined> = createWorld<ClientService | undefined>({
      ...{ seed, nodes, network: { distribution: 'uniform' } },
      boot: async (node) => await suite.boot(node, this.run),
    })
    this.world = world
    this.run = {
      ...{ scenario, world, history: new History(world), state: new LockRun(model, scenario, world) },
      sometimes: () => undefined,
      fail: (name, message) => world.fail(new Error(`${name}: ${message}`)),
    }
  }

  /** All of them have started, and for some time: long enough for servers that abstain at first. */
  static async open(
    model: BackendModel,
    settings: Readonly<Record<string, unknown>> = {},
    seed = 1,
  ): Promise<Scene> {
    const scene = new Scene(model, seed, settings)
    await scene.world.booted()
    await scene.world.run(5000)
    return scene
  }

  locks(client: string): Locks<Capabilities> {
    const { service } = this.world.node(client)
    if (service === undefined) throw new Error(`${client} is down`)
    return service.locks
  }

  /** A lock, in the world's time. */
  async acquire(client: string, key: string, options: AcquireOptions = {}): Promise<AnyLock> {
    return (await this.world.finish(this.locks(client).acquire(key, options))) as AnyLock
  }

  /** What the store says to a write with the token of a lock. */
  async write(client: string, lock: AnyLock): Promise<unknown> {
    const [key = ''] = lock.keys
    const question: StoreWrite = { key, token: `${lock.fencingToken}`, holder: client }
    const { service } = this.world.node(client)
    return await this.world.finish(service?.store.request(question) ?? Promise.reject(new Error('down')))
  }

  /** Cuts a client from everybody, or mends all links. */
  cutOff(client: string): void {
    const others = this.world.nodes.map(({ id }) => id).filter((id) => id !== client)
    this.world.fault({ at: 0, do: 'partition', groups: [[client], others] })
  }

  mend(): void {
    this.world.fault({ at: 0, do: 'heal' })
  }

  /** What a promise rejects with; `undefined` when it resolves. */
  async failure(work: Promise<unknown>): Promise<unknown> {
    try {
      await this.world.finish(work)
      return undefined
    } catch (error) {
      return error
    }
  }
}
