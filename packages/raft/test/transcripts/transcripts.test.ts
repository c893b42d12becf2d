import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { play } from './transcript.ts'

const DIRECTORY = new URL('./', import.meta.url)

/** Every page in this directory is played, and must print what stands in it: `vitest -u` writes it anew. */
describe('transcripts', () => {
  const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.md') && name !== 'README.md')
  for (const name of names) {
    it(name.replace(/\.md$/, '').replaceAll('-', ' '), async () => {
      const path = new URL(name, DIRECTORY)
      await expect(play(readFileSync(path, 'utf8'))).toMatchFileSnapshot(fileURLToPath(path))
    })
  }

  it('say in which line something is not as expected, and what it is', () => {
    expect(() => play('    nodes a b c\n    campaign a\n    settle\n    expect a follower')).toThrow(
      'line 4: expect a follower: expected follower, it is leader',
    )
    expect(() => play('    frobnicate')).toThrow('line 1: there is no command frobnicate')
    expect(() => play('    deliver vote-request a→b')).toThrow('there is no such message')
  })

  it('print below a command what it says, in place of what it said before', () => {
    expect(play('Text\n\n    nodes a\n    show\n    | old')).toBe(
      'Text\n\n    nodes a\n    show\n    | a  follower      term 0',
    )
  })
})
