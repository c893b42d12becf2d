import { readFileSync } from 'node:fs'

/** Every sentence of the doc comments of a file of this repository, on one line, links as plain names, tags taken away. */
export function documentedSentences(path: string): readonly string[] {
  const source = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  const comments = [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, comment = '']) => comment)
  return comments.flatMap((comment) => sentencesOf(plainText(comment)))
}

function plainText(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\{@link ([^}]*)\}/g, '$1')
    .replace(/@category .*$/gm, '')
    .replace(/@(returns|throws)/g, '\n\n')
}

/** A tag begins a new sentence, whether or not the one before has ended with a full stop. */
function sentencesOf(text: string): readonly string[] {
  return text
    .split(/\n\n/)
    .flatMap((part) =>
      part
        .replace(/\s+/g, ' ')
        .trim()
        .split(/(?<=\.) (?=[A-Z0-9`(])/),
    )
    .filter((sentence) => sentence !== '')
}
