import { connect } from 'node:net'

/** A value of the register, and its place among all that were ever written. */
export interface Version {
  readonly number: number
  readonly writer: string
  readonly value: unknown
}

/** What clients (`read`, `write`) and other nodes (`look`, `store`) ask of a node: a line of JSON. */
export type Request =
  | { readonly do: 'read' | 'look' }
  | { readonly do: 'write'; readonly value: unknown }
  | { readonly do: 'store'; readonly version: Version }

/** The answer: another line, after which the connection ends. */
export interface Answer {
  readonly version: Version
}

/** Asks a node over a connection of its own; rejects when that ends without an answer. */
export async function ask(address: string, request: Request, timeoutMs = 30_000): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    const timer = setTimeout(() => socket.destroy(new Error('timed out')), timeoutMs)
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('error', reject).on('close', () => {
      clearTimeout(timer)
      if (text.endsWith('\n')) resolve(JSON.parse(text) as Answer)
      else reject(new Error('hung up'))
    })
    socket.write(`${JSON.stringify(request)}\n`)
  })
}
