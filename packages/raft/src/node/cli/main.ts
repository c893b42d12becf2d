#!/usr/bin/env node
import process from 'node:process'
import { runCommand } from './run-command.ts'

// Not `process.exit`: what is still to be written would be lost.
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
})
