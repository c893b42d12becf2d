import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { mutate, type Mutant } from './mutant.ts'

/** The sources of this package. */
export const SRC: URL = new URL('../../src/', import.meta.url)

/** A module that is loaded in place of the one on disk. */
export interface PlantedModule {
  readonly url: string
  readonly source: string
}

/** The file of a bug as JavaScript, with the bug in it. */
export function plantedModule(mutant: Mutant): PlantedModule {
  const url = new URL(mutant.file, SRC)
  const { outputText } = ts.transpileModule(mutate(readFileSync(url, 'utf8'), mutant), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  return { url: url.href, source: outputText }
}
