import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CHAPTERS, MISSING } from './chapters.ts'
import { findTests } from './find-tests.ts'
import { PAGE, writeTables } from './page.ts'

/** `pnpm docs:features`: writes the tables of the guide anew. */
function main(): void {
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const path = join(root, PAGE)
  writeFileSync(path, writeTables(readFileSync(path, 'utf8'), CHAPTERS, MISSING, findTests(root)))
}

main()
