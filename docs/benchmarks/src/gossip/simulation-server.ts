import { serve } from '../measure/child.ts'
import { measureDetection, measureHour, measureIdle, measureJoin } from './simulated.ts'
import { measureBareSockets } from './bare-sockets.ts'
import { measureNodes } from './nodes.ts'
import { measureDatagrams, measureSealing } from './datagrams.ts'

/** Every measurement in a process of its own: the engine compiles for what it has seen, and a heap is measured from empty. */
export type SimulationServer = typeof methods

const methods = {
  idle: ({ members }: { readonly members: number }) => measureIdle(members),
  join: ({
    members,
    loss,
    seeds,
  }: {
    readonly members: number
    readonly loss: number
    readonly seeds: number
  }) => measureJoin(members, loss, seeds),
  detection: ({
    members,
    loss,
    crashes,
  }: {
    readonly members: number
    readonly loss: number
    readonly crashes: number
  }) => measureDetection(members, loss, crashes),
  hour: ({ members, seconds }: { readonly members: number; readonly seconds: number }) =>
    measureHour(members, seconds),
  nodes: async ({
    members,
    seconds,
    sealed,
  }: {
    readonly members: number
    readonly seconds: number
    readonly sealed: boolean
  }) => await measureNodes(members, seconds, sealed),
  bareSockets: async ({ members, seconds }: { readonly members: number; readonly seconds: number }) =>
    await measureBareSockets(members, seconds),
  datagrams: async ({ seconds, bytes }: { readonly seconds: number; readonly bytes: number }) =>
    await measureDatagrams(seconds, bytes),
  sealing: ({ seconds, bytes }: { readonly seconds: number; readonly bytes: number }) =>
    measureSealing(seconds, bytes),
}

serve(methods)
