import { expect, it } from 'vitest'
import { NotesCluster } from './notes-cluster.ts'

const THREE = ['a', 'b', 'c']

it('metrics count snapshots: made, sent and installed', async () => {
  const c = new NotesCluster(THREE, { snapshots: { everyEntries: 20, keepEntries: 5 } })
  const leader = await c.start()
  const away = THREE.find((id) => id !== leader.id) ?? ''
  c.world.fault({ at: c.world.now, do: 'partition', groups: [[away], THREE.filter((id) => id !== away)] })
  for (let round = 0; round < 5; round++) await c.add(20, 20 * round, 3000)
  c.world.fault({ at: c.world.now, do: 'heal' })
  await c.agree()
  await c.world.run(500)
  const { saved, savingMs, sent, failed } = c.raft(leader.id).metrics().snapshots
  expect(saved).toBe(c.seen('raft.snapshot-saved').filter(({ node }) => node === leader.id).length)
  expect(saved).toBeGreaterThan(0)
  expect(savingMs).toBeGreaterThanOrEqual(0)
  expect([sent, failed]).toEqual([1, 0])
  expect(c.raft(away).metrics().snapshots).toMatchObject({ sent: 0, installed: 1, failed: 0 })
})
