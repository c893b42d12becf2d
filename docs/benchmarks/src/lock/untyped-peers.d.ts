// What is used of peers whose own types are missing or cannot be resolved.

declare module 'redlock-4' {
  export default class Redlock {
    constructor(clients: readonly unknown[], options?: { readonly retryCount?: number })
    on(event: 'error', listener: (error: Error) => void): this
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
