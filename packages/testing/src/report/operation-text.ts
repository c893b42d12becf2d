import type { Operation } from '../history/operation.ts'
import { printable, shortened, valueText } from './printable.ts'

/** What a client asked: `write x 5`. */
export function requestText({ f, key, value }: Operation): string {
  const parts = [printable(f)]
  if (key !== undefined) parts.push(printable(key))
  if (value !== undefined) parts.push(valueText(value))
  return shortened(parts.join(' '))
}

/** What a client got: `→ 5`, `failed`, `unknown`. */
export function outcomeText({ outcome, result }: Operation): string {
  if (outcome !== 'ok') return outcome === 'fail' ? 'failed' : 'unknown'
  return result === undefined ? 'ok' : `→ ${valueText(result)}`
}

/** Both: `read x → 5`. */
export function operationText(operation: Operation): string {
  return `${requestText(operation)} ${outcomeText(operation)}`
}

/** The client, as it is called in pictures. */
export function processName(process: number | string): string {
  return typeof process === 'number' ? `client ${process}` : printable(process)
}
