import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

function pathOf(program: string): string {
  return fileURLToPath(new URL(`../src/${program}`, import.meta.url))
}

/** What a program of this package prints when a reader runs it; rejects when it fails or complains. */
export async function printed(program: string): Promise<string> {
  const command = ['--import', import.meta.resolve('tsx'), pathOf(program)]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command)
  if (stderr !== '') throw new Error(stderr)
  return stdout
}

/** The text between `// #region <name>` and its end. */
export function regionOf(program: string, name: string): string {
  const source = readFileSync(pathOf(program), 'utf8')
  const found = new RegExp(`// #region ${name}\n(.*?)// #endregion ${name}\n`, 's').exec(source)
  if (found?.[1] === undefined) throw new Error(`${program} has no region ${name}`)
  return found[1]
}
