import { relative } from 'node:path/posix'
import type { Chapter, Feature, Missing } from './feature.ts'
import type { FoundTest } from './find-tests.ts'

const BEGIN = '<!-- written by `pnpm docs:features`, from packages/raft/test/features: do not edit -->'
const END = '<!-- end of what is written by `pnpm docs:features` -->'

/** Where the page is, from the root of the repository. */
export const PAGE = 'docs/guides/raft.md'

/**
 * The page with its tables written anew; everything outside of the two marks stays.
 * @throws An error that names every test that does not exist or of whose name there are several, and every feature that none of its tests is named after.
 */
export function writeTables(
  page: string,
  chapters: readonly Chapter[],
  missing: readonly Missing[],
  tests: readonly FoundTest[],
): string {
  const [before, , after] = splitPage(page)
  const problems: string[] = []
  const byName = grouped(tests)
  const tables = chapters.map((chapter) => table(chapter, byName, problems))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  // Prettier would make all lines of a table as long as the longest.
  const written = [
    '<!-- prettier-ignore-start -->',
    ...tables,
    listOf(missing),
    '<!-- prettier-ignore-end -->',
  ]
  return [`${before}${BEGIN}`, ...written, `${END}${after}`].join('\n\n')
}

/** The page without the lines that its links lead to: those of a test change whenever something is written above it. */
export function withoutLines(page: string): string {
  return page.replaceAll(/#L\d+\)/g, ')')
}

function grouped(tests: readonly FoundTest[]): ReadonlyMap<string, readonly FoundTest[]> {
  const byName = new Map<string, FoundTest[]>()
  for (const test of tests) byName.set(test.name, [...(byName.get(test.name) ?? []), test])
  return byName
}

function splitPage(page: string): readonly [before: string, between: string, after: string] {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin)
    throw new Error(`${PAGE} has not both marks, in this order:\n${BEGIN}\n${END}`)
  return [page.slice(0, begin), page.slice(begin, end), page.slice(end + END.length)]
}

function table(
  { title, features }: Chapter,
  byName: ReadonlyMap<string, readonly FoundTest[]>,
  problems: string[],
): string {
  const rows = features.map((feature) => row(feature, byName, problems))
  return [
    `### ${title}`,
    '',
    '| what | what it does here | how it is used | tests that show it |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function row(
  feature: Feature,
  byName: ReadonlyMap<string, readonly FoundTest[]>,
  problems: string[],
): string {
  const { name, does, use, tests, called = name } = feature
  if (!tests.some((test) => test.toLowerCase().includes(called.toLowerCase())))
    problems.push(`${name}: none of its tests has "${called}" in its name`)
  const links = tests.map((test) => {
    const found = byName.get(test) ?? []
    const [only] = found
    if (only !== undefined && found.length === 1) return link(only)
    problems.push(`${name}: there are ${found.length} tests "${test}"`)
    return test
  })
  return `| **${cell(name)}** | ${cell(does)} | ${cell(use)} | ${links.join('<br>')} |`
}

/** By its own title, without those of the blocks around it. */
function link({ name, file, line }: FoundTest): string {
  const titles = name.split(' > ').filter((title) => title !== '%s')
  const title = literal(titles.at(-1) ?? name)
  const path = relative('docs/guides', file)
  return file.endsWith('.md') ? `[transcript: ${title}](${path})` : `[${title}](${path}#L${line})`
}

function listOf(missing: readonly Missing[]): string {
  const lines = missing.map(({ name, instead }) => `- **${name}.** ${instead}`)
  return ['### Not there yet', '', ...(lines.length === 0 ? ['Nothing of what we know of.'] : lines)].join(
    '\n',
  )
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** A title as text: nothing in it is Markdown. */
function literal(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|$]/g, (character) => `\\${character}`)
}
