import { describe, expect, it } from 'vitest'
import { printed } from './ring-run.ts'

describe('serf.ts', () => {
  it('joins, says something, asks, and leaves', async () => {
    const lines = (await printed('serf.ts')).trimEnd().split('\n')
    const said = lines.join('\n')
    expect(said).toMatch(/^api-\d+ 127\.0\.0\.1:\d+ alive \{ role: 'api', version: '3' \}$/m)
    expect(said).toMatch(/^agent 127\.0\.0\.1:\d+ alive \{\}$/m)
    expect(said).toContain('event deploy: v42')
    expect(said).toMatch(/^api-\d+ is up for \d+ s$/m)
    expect(said).toContain('agent is up for 1000 s')
  })
})
