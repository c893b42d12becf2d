import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../src/command-line.ts'

describe('parseCommandLine', () => {
  it('reads options and quotes them without the scratch directory', () => {
    const args = ['raft', '--seconds', '1.5', '--only', 'core,etcd', '--scratch', '/somewhere', '--json']
    expect(parseCommandLine(args)).toEqual({
      name: 'raft',
      json: true,
      write: false,
      help: false,
      seconds: 1.5,
      rounds: 3,
      only: ['core', 'etcd'],
      scratch: '/somewhere',
      command: 'pnpm bench raft --seconds 1.5 --only core,etcd --json',
    })
  })

  it('says what is wrong', () => {
    expect(() => parseCommandLine(['raft', '--seconds', 'x'])).toThrow(
      '--seconds x: expected a number from 0.1',
    )
    expect(() => parseCommandLine(['raft', '--rounds', '0'])).toThrow('--rounds 0: expected a number from 1')
    expect(() => parseCommandLine(['raft', 'ring'])).toThrow('one benchmark at a time')
    expect(() => parseCommandLine(['raft', '--colour'])).toThrow("'--colour'")
  })
})
