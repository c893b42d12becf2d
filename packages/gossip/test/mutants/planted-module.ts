import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { editsOf, mutate, type Mutant } from './mutant.ts'

/** The sources of this package. */
export const SRC: URL = new URL('../../src/', import.meta.url)

/** A module that is loaded in place of the one on disk. */
export interface PlantedModule {
  readonly url: string
  readonly source: string
}

/** The files of a bug as JavaScript, with the bug in them. */
export function plantedModules(mutant: Mutant): readonly PlantedModule[] {
  return editsOf(mutant).map((edit) => {
    const url = new URL(edit.file, SRC)
    const { outputText } = ts.transpileModule(mutate(readFileSync(url, 'utf8'), edit, mutant.name), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    })
    return { url: url.href, source: outputText }
  })
}
