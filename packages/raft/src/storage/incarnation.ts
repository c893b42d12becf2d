/** Hexadecimal digits that a number holds exactly. */
const DIGITS = 13

/** The number that stands in messages for the incarnation of a log, of which its files hold more digits than a number has room for. */
export function incarnationNumber(digits: string): number {
  const number = Number.parseInt(digits.slice(0, DIGITS), 16)
  return number > 0 ? number : 1
}
