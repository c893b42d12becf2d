import type { Random } from '@colony/host'

/** A name of 128 random bits, in hexadecimal digits: whoever does not know it cannot release what is another's. */
export function unguessable(random: Random): string {
  let name = ''
  for (let word = 0; word < 4; word++) name += random.integer(0, 0xffff_ffff).toString(16).padStart(8, '0')
  return name
}
