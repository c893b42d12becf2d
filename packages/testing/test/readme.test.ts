import { expect, test } from 'vitest'
import { checkLinearizable, createWorld, History, registerModel } from '../src/index.ts'

// The first example of README.md, word for word.
test('the first example of the README convicts the lost update', async () => {
  const world = createWorld({ seed: 7 })
  const server = world.addNode('server', () => ({ value: 0 }))
  await world.booted()

  const history = new History(world)
  const client = async (name: string): Promise<void> => {
    for (let round = 0; round < 5; round += 1) {
      const read = history.invoke(name, 'read')
      const seen = await server.call((counter) => counter.value)
      read.ok(seen)
      await world.sleep(world.random.integer(1, 10)) // thinks for a while
      const cas = history.invoke(name, 'cas', undefined, [seen, seen + 1])
      await server.call((counter) => void (counter.value = seen + 1)) // should have compared
      cas.ok(true)
    }
  }
  await world.finish(Promise.all([client('alice'), client('bob')]))

  const { verdict, witness } = checkLinearizable(registerModel({ initial: 0 }), history.operations)
  expect(verdict).toBe('illegal')
  expect(witness?.operation).toMatchObject({ f: 'cas', outcome: 'ok', result: true })
})
