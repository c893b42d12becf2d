import { performance } from 'node:perf_hooks'
import { checkHistory } from '../../check/check-history.ts'
import type { CheckResult } from '../../check/check-result.ts'
import { InvalidHistoryError } from '../../history/invalid-history.ts'
import type { CheckRequest } from './arguments.ts'
import { readArguments, USAGE } from './arguments.ts'
import { formatFinding } from './format-finding.ts'
import { readHistoryFile } from './history-file.ts'

/** Where a command writes. */
export interface CommandOutput {
  /** Findings. */
  readonly out: (text: string) => void
  /** What went wrong. */
  readonly error: (text: string) => void
}

const EXIT_CODES: Readonly<Record<CheckResult['verdict'], number>> = { ok: 0, illegal: 1, unknown: 2 }
const EXIT_UNREADABLE = 3

/** Runs the command line `testing …` and returns its exit code. */
export function runCommand(args: readonly string[], output: CommandOutput): number {
  let request: CheckRequest | undefined
  try {
    request = readArguments(args)
  } catch (error) {
    output.error(`testing: ${messageOf(error)}\nSee: testing --help\n`)
    return EXIT_UNREADABLE
  }
  if (request === undefined) {
    output.out(USAGE)
    return 0
  }
  try {
    return check(request, output)
  } catch (error) {
    const place =
      error instanceof InvalidHistoryError ? `${request.file}:${error.line}: ${error.reason}` : undefined
    output.error(`testing: ${place ?? `${request.file}: ${messageOf(error)}`}\n`)
    return EXIT_UNREADABLE
  }
}

function check({ file, model, consistency, budget }: CheckRequest, output: CommandOutput): number {
  const reader = readHistoryFile(file, model)
  const started = performance.now()
  const result = checkHistory(model, reader.operations, {
    consistency,
    ...(budget !== undefined && { budget }),
  })
  const ms = Math.round((performance.now() - started) * 10) / 10
  const { verdict } = result
  for (const line of formatFinding(result, reader)) output.out(`${line}\n`)
  output.out(`${JSON.stringify({ verdict, operations: reader.operations.length, ms })}\n`)
  return EXIT_CODES[verdict]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
