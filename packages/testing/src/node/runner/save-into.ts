import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderHtml } from '../../report/index.ts'
import type { SavedRun } from '../../run/explore-options.ts'
import { formatScenario } from '../../scenario/parse-scenario.ts'

/**
 * For {@link ExploreOptions.save}: writes what failed into a directory, which is made if it is not there: `<name>.scenario.json`, to be pinned, and `<name>.html`, to be
 * looked at.
 * @returns A function that resolves with the paths. It rejects with what the file system says.
 * @category Runner
 */
export function saveInto(directory: string): (run: SavedRun) => Promise<readonly string[]> {
  return async (run) => {
    await mkdir(directory, { recursive: true })
    const [scenario, picture] = [`${run.name}.scenario.json`, `${run.name}.html`].map((file) =>
      join(directory, file),
    ) as [string, string]
    await writeFile(scenario, formatScenario(run.scenario))
    await writeFile(picture, renderHtml(run))
    return [scenario, picture]
  }
}
