/**
 * Logarithm and exponential from additions, multiplications and divisions alone. The language leaves the last bits of `Math.log`, `Math.pow` and
 * `Math.exp` to each engine, and engines have changed them: a seed would then mean another run on another version of Node.
 */

/** -ln(u) for 0 < u <= 1, within a few units of the last place. */
export function minusLog(u: number): number {
  let x = u
  let halvings = 0
  while (x < Math.SQRT1_2) {
    x *= 2
    halvings += 1
  }
  // ln(x) = 2 (s + s³/3 + s⁵/5 + …) with |s| < 0.172: what the terms from the twelfth on would add is below the last place.
  const s = (x - 1) / (x + 1)
  const z = s * s
  return (
    halvings * Math.LN2 - 2 * (s + s * z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * further(z))))))
  )
}

/** The terms from the sixth on. */
function further(z: number): number {
  return 1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z / 21))))
}

/** e^x for -700 < x < 700, within about 10^-13 of the value. */
export function exponential(x: number): number {
  // e^x = (e^(x / 1024))^1024: the small power from its series, then ten squarings.
  const small = x / 1024
  let power = 1
  for (let term = 10; term >= 1; term -= 1) power = 1 + (small / term) * power
  for (let squaring = 0; squaring < 10; squaring += 1) power *= power
  return power
}
