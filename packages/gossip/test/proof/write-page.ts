import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/** Writes a page of the docs as prettier would have it, which looks at every page. */
export async function writePage(path: string, text: string): Promise<void> {
  const whole = join(ROOT, path)
  writeFileSync(whole, await format(text, { ...(await resolveConfig(whole)), parser: 'markdown' }))
}
