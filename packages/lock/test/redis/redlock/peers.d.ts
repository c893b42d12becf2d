// What is used of packages whose own types cannot be resolved.

declare module 'redlock-4' {
  export default class Redlock {
    constructor(clients: readonly unknown[], options?: { readonly retryCount?: number })
    on(event: string, listener: (error: Error) => void): this
    acquire(resources: string[], ttl: number): Promise<{ unlock(): Promise<void> }>
  }
}

declare module 'redlock-5' {
  export default class Redlock {
    constructor(clients: readonly unknown[], options?: { readonly retryCount?: number })
    on(event: 'error', listener: (error: Error) => void): this
    acquire(resources: string[], ttl: number): Promise<{ release(): Promise<unknown> }>
  }
}
