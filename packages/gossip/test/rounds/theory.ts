import type { Exchange } from './spread-rumor.ts'

/** log2 N + ln N: what Pittel (1987) proved of push with one peer a round, up to a constant. */
export function pittel(members: number): number {
  return Math.log2(members) + Math.log(members)
}

/**
 * About how many rounds it takes until all know, up to a constant: the rumor grows by a constant factor a round until half know it, and then whoever does not know it yet shrinks.
 *
 * By pushing alone, everybody is missed by all messages of a round with probability e^-f, so ln N / f rounds remain (Pittel, 1987). Who asks is missed only if all that it asks
 * are ignorant too, so the share of the ignorant is raised to the power f + 1, and log ln N rounds remain (Karp et al., 2000). With loss, f is what arrives.
 */
export function expectedRounds(members: number, exchange: Exchange, fanout: number, loss = 0): number {
  const heard = fanout * (1 - loss)
  const answered = fanout * (1 - loss) ** 2
  const logN = Math.log(members)
  if (exchange === 'push') return logN / Math.log(1 + heard) + logN / heard
  const growth = 1 + answered + (exchange === 'push-pull' ? heard : 0)
  return logN / Math.log(growth) + Math.log(logN) / Math.log(1 + answered)
}
