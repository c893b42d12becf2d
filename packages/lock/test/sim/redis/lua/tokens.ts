/** A piece of source. Names and keywords are of the kind `name`; everything that is neither name, number nor string is of the kind `sign`. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'end'
  readonly text: string
  readonly line: number
}

const BLANKS = /(?:\s+|--\[\[[\s\S]*?\]\]|--[^\n]*)+/y
const NAME = /[A-Za-z_]\w*/y
const NUMBER = /0x[0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y
const LONG_STRING = /\[\[\n?([\s\S]*?)\]\]/y
const SHORT_STRING = /'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"/y
const SIGN = /\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.]/y

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** The pieces of a Lua 5.1 source. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (found === null) return null
    at += found[0].length
    line += found[0].split('\n').length - 1
    return found
  }
  for (;;) {
    match(BLANKS)
    const begun = line
    if (at >= source.length) return [...tokens, { kind: 'end', text: '', line }]
    const push = (kind: Token['kind'], text: string): void => void tokens.push({ kind, text, line: begun })
    const name = match(NAME)
    const number = name ?? match(NUMBER)
    const long = number ?? match(LONG_STRING)
    const short = long ?? match(SHORT_STRING)
    const sign = short ?? match(SIGN)
    if (sign === null) throw new Error(`line ${line}: no Lua: ${source.slice(at, at + 20)}`)
    if (name !== null) push('name', name[0])
    else if (number !== null) push('number', number[0])
    else if (long !== null) push('string', long[1] ?? '')
    else if (short !== null) push('string', unescaped(short[1] ?? short[2] ?? ''))
    else push('sign', sign[0])
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(\d{1,3}|[\s\S])/g, (_whole, what: string) =>
    /^\d/.test(what) ? String.fromCharCode(Number(what)) : (ESCAPES[what] ?? what),
  )
}
