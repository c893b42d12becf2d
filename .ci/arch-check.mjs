// `pnpm arch:check`: prints what the architecture test finds in this repository and fails on any of it.
import { resolve } from 'node:path'
import { checkArchitecture } from './architecture.mjs'

const { packages, files, problems, warnings } = checkArchitecture(resolve(import.meta.dirname, '..'))
for (const warning of warnings) console.log(`warning: ${warning}`)
for (const problem of problems) console.log(problem)
console.log(`architecture: ${packages} packages, ${files} files, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
