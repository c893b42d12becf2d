import type { Facts, RuleName } from './facts.ts'

/** What a rule found broken, by name. */
export class Found implements Facts {
  now = 1000
  readonly nodes: readonly string[] = ['a', 'b', 'c']
  readonly rules: RuleName[] = []

  isUp(): boolean {
    return true
  }

  broken(rule: RuleName): void {
    this.rules.push(rule)
  }

  sometimes(): void {}
}
