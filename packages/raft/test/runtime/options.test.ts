import { createMemoryNetwork } from '@colony/host/memory'
import { describe, expect, it } from 'vitest'
import { createRaft, memoryStorage, type RaftOptions } from '../../src/index.ts'

const machine = { apply: (command: string) => command }
type Options = RaftOptions<typeof machine>

function valid(): Options {
  return { id: 'a', members: ['a'], host: createMemoryNetwork().host(), storage: memoryStorage(), machine }
}

/** Options as a caller without a type checker could give them. */
function withOption(changes: Record<string, unknown>): Options {
  return Object.assign(valid(), changes)
}

describe('options', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no id', { id: undefined }, /id must be a string of 1 to 255 bytes/],
    ['an empty id', { id: '' }, /id must be/],
    ['no members', { members: undefined }, /members must map/],
    ['an empty member list', { members: [] }, /members must not be empty/],
    ['an empty member map', { members: {} }, /members must not be empty/],
    [
      'members without oneself',
      { members: ['b', 'c'] },
      /members must include this node, "a"; they are b, c/,
    ],
    ['a member twice', { members: ['a', 'b', 'b'] }, /members must name every node once/],
    [
      'a member without address',
      { members: { a: 'tcp://x:1', b: '' } },
      /the address of "b" must be a non-empty string/,
    ],
    ['no host', { host: undefined }, /host must be/],
    ['no storage', { storage: undefined }, /storage must be/],
    ['a storage that lacks a method', { storage: { open: () => {} } }, /storage has no method persist\(\)/],
    ['no machine', { machine: undefined }, /machine must be/],
    ['a machine that can not apply', { machine: {} }, /machine has no method apply\(\)/],
    ['a group too long', { group: 'g'.repeat(201) }, /group must be/],
    [
      'a short election timeout',
      { electionTimeoutMs: 49 },
      /electionTimeoutMs must be a number of milliseconds from 50 to 60000, not 49/,
    ],
    ['a long election timeout', { electionTimeoutMs: 60_001 }, /electionTimeoutMs must be/],
    ['NaN', { electionTimeoutMs: Number.NaN }, /electionTimeoutMs must be/],
    [
      'heartbeats as rare as elections',
      { heartbeatIntervalMs: 200 },
      /heartbeatIntervalMs must be a number of milliseconds from 5 to 133/,
    ],
    ['no proposal timeout', { proposalTimeoutMs: 0 }, /proposalTimeoutMs must be/],
    [
      'commands larger than a record of the storage',
      { storage: Object.assign(memoryStorage(), { maxRecordBytes: 10_000 }), maxCommandBytes: 9_000 },
      /maxCommandBytes must be a whole number from 1 to 8705, not 9000/,
    ],
    [
      'a storage of tiny records',
      { storage: Object.assign(memoryStorage(), { maxRecordBytes: 1024 }) },
      /storage.maxRecordBytes must be at least 4096, not 1024/,
    ],
    ['no room for commands', { maxCommandBytes: 0 }, /maxCommandBytes must be a whole number from 1 to/],
    ['commands larger than a frame', { maxCommandBytes: 2 ** 40 }, /maxCommandBytes must be/],
    [
      'no room for proposals',
      { maxPendingProposals: 0 },
      /maxPendingProposals must be a whole number from 1 to 1000000/,
    ],
    ['less room than one command', { maxPendingBytes: 10 }, /maxPendingBytes must be/],
    ['an unknown option', { electionTimeout: 100 }, /electionTimeout is no option of createRaft/],
  ])('refuses %s', async (_, changes, message) => {
    await expect(createRaft(withOption(changes))).rejects.toThrow(message)
    await expect(createRaft(withOption(changes))).rejects.toMatchObject({ code: 'RAFT_INVALID_OPTION' })
  })

  it('accepts the least', async () => {
    const raft = await createRaft(valid())
    expect((await raft.propose('x')).value).toBe('x')
    await raft.close()
  })
})
