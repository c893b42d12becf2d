import { requireName } from '@colony/host'
import { invalidOption } from '../runtime/options.ts'

/** What the backends keep in a database, as statements name it. */
export interface Tables {
  readonly tokens: string
  readonly leases: string
  readonly values: string
  readonly fences: string
}

/** The tables of a schema. */
export function tablesOf(schema: string): Tables {
  const quoted = `"${requireName(invalidOption, 'schema', schema).replaceAll('"', '""')}"`
  if (schema.includes('\0')) throw invalidOption('the name of a schema has no zero characters')
  return {
    tokens: `${quoted}.colony_lock_tokens`,
    leases: `${quoted}.colony_lock_leases`,
    values: `${quoted}.colony_lock_values`,
    fences: `${quoted}.colony_lock_fences`,
  }
}
