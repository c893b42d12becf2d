/**
 * What needs Node: md5.
 * @module node
 */
export { createKetama, Ketama } from './ketama.ts'
export type { KetamaDialect, KetamaNode, KetamaOptions, KetamaServers } from './ketama-options.ts'
