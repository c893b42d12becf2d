import { memoryBackend } from '../../../src/index.ts'
import type { BackendModel } from '../backend-model.ts'

/** Locks of one process: those of each client exclude each other, and end with it. */
export const memoryModel: BackendModel = {
  name: 'lock-memory',
  isLocal: true,
  promises: { exclusion: true, tokens: true },
  client: ({ node }) => memoryBackend({ clock: node.host.clock }),
}
