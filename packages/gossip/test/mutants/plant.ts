// Imported before the suite that looks for a planted bug: one module of the package is loaded as `PLANTED_MODULE` says and not as it stands on the disk. So any number of bugs can be looked for at
// a time, and no file is ever changed for it.
import { register } from 'node:module'
import type { PlantedModule } from './planted-module.ts'

const hook = `
let planted
export function initialize(data) { planted = data }
export async function load(url, context, nextLoad) {
  if (url.split('?')[0] !== planted.url) return nextLoad(url, context)
  return { format: 'module', source: planted.source, shortCircuit: true }
}`

const planted = process.env['PLANTED_MODULE']
if (planted !== undefined)
  register(`data:text/javascript,${encodeURIComponent(hook)}`, { data: JSON.parse(planted) as PlantedModule })
