/** Answers what it is told, and does what it is told to do to itself. */
import { serveParent, tellParent } from '../../../src/node/process/child-side.ts'

/** What the program is told. */
export type ToEcho =
  { readonly echo: string } | { readonly exit: number } | { readonly fail: string } | { readonly count: true }

/** What it tells. */
export type FromEcho =
  | { readonly ready: true; readonly args: readonly string[]; readonly env: string }
  | { readonly echoed: string }

serveParent<ToEcho>(async (message) => {
  if ('echo' in message) tellParent<FromEcho>({ echoed: message.echo })
  if ('exit' in message) process.exit(message.exit)
  if ('fail' in message) throw new Error(message.fail)
  await Promise.resolve()
})
tellParent<FromEcho>({ ready: true, args: process.argv.slice(2), env: process.env['ECHO_TEST'] ?? '' })
