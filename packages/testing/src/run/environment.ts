interface Surroundings {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
}

/** An environment variable, where there is an environment; `undefined` also when it is empty. */
export function environmentVariable(name: string): string | undefined {
  const value = (globalThis as unknown as Surroundings).process?.env?.[name]
  return value === '' ? undefined : value
}
