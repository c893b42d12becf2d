import { createRandom, type Random } from '../core/random.ts'

/**
 * Random numbers seeded by the platform's source of secrets, different in every process: for jitter and election timeouts.
 * Not for secrets themselves.
 * @category Real ones
 */
export function systemRandom(): Random {
  return createRandom(crypto.getRandomValues(new Uint32Array(8)).join())
}
