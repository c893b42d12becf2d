// Imported before the suite that looks for a planted bug: a module or two of the package are loaded as `PLANTED_MODULES` says and not as they stand on the disk. So any number of bugs can be looked for at
// a time, and no file is ever changed for it.
import { register } from 'node:module'
import type { PlantedModule } from './planted-module.ts'

const hook = `
let planted
export function initialize(data) { planted = data }
export async function load(url, context, nextLoad) {
  const module = planted.find((each) => each.url === url.split('?')[0])
  if (module === undefined) return nextLoad(url, context)
  return { format: 'module', source: module.source, shortCircuit: true }
}`

const planted = process.env['PLANTED_MODULES']
if (planted !== undefined)
  register(`data:text/javascript,${encodeURIComponent(hook)}`, {
    data: JSON.parse(planted) as readonly PlantedModule[],
  })
