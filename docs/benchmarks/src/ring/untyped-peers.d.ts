// What is used of peers that come without types.

declare module 'hashring' {
  export default class HashRing {
    constructor(servers: readonly string[])
    get(key: string): string | undefined
    range(key: string, size: number): string[]
    add(servers: string): this
    remove(server: string): this
  }
}

declare module 'consistent-hash' {
  export default class ConsistentHash {
    constructor(options: { readonly controlPoints: number; readonly range?: number })
    get(name: string): string | null
    get(name: string, count: number): string[] | null
    add(node: string): this
    remove(node: string): this
  }
}

declare module 'node-hashring' {
  export default class HashRing {
    constructor(nodes: readonly string[], virtualNodes: number)
    findNode(key: string): string | undefined
    addNode(nodeId: string): void
    removeNode(nodeId: string): void
  }
}
