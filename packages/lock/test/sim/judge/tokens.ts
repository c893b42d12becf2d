/** A grant with its token, on the time of the world. */
export interface TokenGrant {
  readonly name: string
  readonly key: string
  readonly askedAt: number
  readonly grantedAt: number
  readonly token: bigint
}

/** Tokens that were handed out: each greater than all of its key that were there when it was asked for, and none twice. */
export class Tokens {
  readonly #byKey = new Map<string, TokenGrant[]>()

  /** What the token contradicts, if anything. */
  add(grant: TokenGrant): string | undefined {
    const others = this.#byKey.get(grant.key) ?? []
    this.#byKey.set(grant.key, [...others, grant])
    const told = `${grant.name} is granted '${grant.key}' with token ${grant.token}`
    for (const other of others) {
      if (other.token === grant.token) return `${told}, which ${other.name} has had`
      if (other.grantedAt < grant.askedAt && other.token > grant.token)
        return `${told} after ${other.name} was granted it with ${other.token}`
    }
    return undefined
  }
}
