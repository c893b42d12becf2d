import { type Bench, progress } from '../bench.ts'
import { describeMachine } from '../measure/machine.ts'
import { measureChecking } from './checking.ts'
import { measureCoresInThreads } from './cores-thread.ts'
import { measureHeartbeats } from './heartbeats.ts'
import { formatTestingReport, type TestingFigures } from './report.ts'
import { measureSimulating } from './simulating.ts'

const PARTS = ['cores', 'simulating', 'heartbeats', 'checking'] as const

/** The harness itself: how much of a world fits into a second. */
export const testingBench: Bench = {
  summary: 'simulated events and seconds a second, and how long histories take to be judged.',
  parts: [...PARTS],
  async run({ seconds, only, scratch, command }) {
    const wanted = (part: (typeof PARTS)[number]): boolean => {
      if (only.length > 0 && !only.includes(part)) return false
      progress(part)
      return true
    }
    const figures: TestingFigures = {
      bench: 'testing',
      ...{ machine: describeMachine(scratch), command, seconds },
      cores: wanted('cores') ? await measureCoresInThreads(seconds) : [],
      simulating: wanted('simulating') ? await measureSimulating(seconds) : [],
      heartbeats: wanted('heartbeats') ? await measureHeartbeats(seconds) : [],
      checking: wanted('checking') ? measureChecking(seconds / 4) : [],
    }
    return { figures, markdown: formatTestingReport(figures) }
  },
}
