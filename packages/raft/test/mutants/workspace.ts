import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutate, type Mutant } from './mutant.ts'

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/** What the simulation suite of raft is made of. */
const PARTS = [
  'package.json',
  'packages/host/package.json',
  'packages/host/src',
  'packages/host/node_modules',
  'packages/testing/package.json',
  'packages/testing/src',
  'packages/testing/node_modules',
  'packages/raft/package.json',
  'packages/raft/src',
  'packages/raft/node_modules',
  'packages/raft/test/sim',
  'packages/raft/test/mutants',
]

/** A copy of the repository in which bugs can be planted, one at a time. */
export class Workspace implements Disposable {
  readonly root: string = mkdtempSync(join(tmpdir(), 'colony-mutants-'))

  constructor() {
    for (const part of PARTS) {
      mkdirSync(join(this.root, part, '..'), { recursive: true })
      // Links between packages are relative, so in the copy they lead to the copy.
      cpSync(join(ROOT, part), join(this.root, part), { recursive: true, verbatimSymlinks: true })
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'))
  }

  /** Plants a bug until the result is disposed of. */
  plant(mutant: Mutant): Disposable {
    const path = join(this.root, 'packages/raft/src', mutant.file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, mutate(source, mutant))
    return { [Symbol.dispose]: () => writeFileSync(path, source) }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
