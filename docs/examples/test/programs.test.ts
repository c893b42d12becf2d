import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of this package as a reader would. */
async function run(file: string, ...args: string[]): Promise<Ended> {
  const path = fileURLToPath(new URL(`../src/${file}`, import.meta.url))
  try {
    const command = ['--import', import.meta.resolve('tsx'), path, ...args]
    return { code: 0, ...(await promisify(execFile)(process.execPath, command)) }
  } catch (error) {
    return error as Ended
  }
}

describe('the programs that the guides quote', () => {
  it('raft-quickstart.ts: proposes on one node, reads on the others', async () => {
    const { code, stdout, stderr } = await run('raft-quickstart.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^transferred: true, at index \d+\ny holds 10\nc says .*, at most .* ms old\n$/)
  })

  it('raft-reads.ts: every level of consistency, and none of the others left', async () => {
    const { code, stdout, stderr } = await run('raft-reads.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^12 12 12 12\n12 pieces, as of index \d+, at most (\d+|Infinity) ms ago\nwithout the others: 12, perhaps not any more\n$/,
    )
  })

  it('raft-members.ts: adds, replaces and sets members', async () => {
    const { code, stdout, stderr } = await run('raft-members.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe('a,b,c,d tolerate 1 failure\nb,d,e go on\ncounted to 42\n')
  })

  it('raft-observability.ts: events and metrics, heard on diagnostics channels', async () => {
    const { code, stdout, stderr } = await run('raft-observability.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/a is leader in term 1\nleader, applied 2, 1 reads\n\d+ writes of /)
  })

  it('custom-transport.ts: raft on a transport of its own', async () => {
    const { code, stdout, stderr } = await run('custom-transport.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe('counted to 6 on three nodes\na reads 6\nb reads 6\nc reads 6\n')
  })
})

describe('the demo without running it', () => {
  it('explains itself', async () => {
    const { code, stdout } = await run('bank/demo.ts', '--help')
    expect(code).toBe(0)
    expect(stdout).toContain('--seconds')
  })

  it('refuses an option that cannot be with exit code 2, and names it', async () => {
    const { code, stdout, stderr } = await run('bank/demo.ts', '--nodes', 'many')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain("--nodes must be a whole number from 3 to 9, not 'many'")
  })
})
