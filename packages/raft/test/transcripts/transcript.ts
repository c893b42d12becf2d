import { COMMANDS, type Play } from './commands.ts'
import { Stage } from './stage.ts'

/** What a transcript prints begins with this. */
const PRINTED = '    | '
const COMMAND = '    '

/**
 * Plays a transcript on the pure core and returns it with what it prints now. A transcript is a page of Markdown: lines indented by four are commands (see
 * `commands.ts`), those with a bar are what the command above printed, and the rest is for readers.
 * @throws An error with the number of the line whose command fails or whose expectation does not hold.
 */
export function play(text: string): string {
  const stage: Play = { stage: new Stage(['a', 'b', 'c'], 100) }
  const played: string[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.startsWith(PRINTED.trimEnd())) continue
    played.push(line)
    if (!line.startsWith(COMMAND)) continue
    for (const printed of perform(stage, line.trim(), at + 1)) played.push(`${PRINTED}${printed}`.trimEnd())
  }
  return played.join('\n')
}

function perform(stage: Play, line: string, number: number): readonly string[] {
  const [name = '', ...words] = line.split(/\s+/)
  const command = COMMANDS[name]
  if (command === undefined) throw new Error(`line ${number}: there is no command ${name}`)
  try {
    return command(stage, words) ?? []
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`line ${number}: ${line}: ${reason}\n${showState(stage)}`, { cause })
  }
}

function showState(stage: Play): string {
  return [...(COMMANDS['show']?.(stage, []) ?? []), ...(COMMANDS['messages']?.(stage, []) ?? [])].join('\n')
}
