/**
 * The seam between a protocol and the world: the interfaces that every colony package runs on, the real ones that work in Node and
 * in a browser alike, and the building blocks that protocols and adapters are made of.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export type { Clock } from './clock.ts'
export type { Host } from './host.ts'
export type {
  FrameHandler,
  FramePath,
  PeerClosedHandler,
  Transport,
  TransportCapabilities,
} from './transport.ts'
export type { Disk, DiskFile } from './disk.ts'
export type { Codec } from './core/codec.ts'
export { type Random, createRandom } from './core/random.ts'
export { AddressBook } from './address-book.ts'
export { type Address, type Channel, MAX_NAME_BYTES, type NodeId } from './core/identity.ts'
export { type ObservedEvent, type ObservedLevel, type Observer, observe } from './observer.ts'
export { ColonyError, type ColonyErrorOptions, type HostErrorCode } from './core/error.ts'
export { ByteReader } from './core/bytes-reader.ts'
export { ByteWriter } from './core/bytes-writer.ts'
export { type Decoded, decoded, decodeWith, malformed } from './core/decoded.ts'
export { Emitter, type ListenerErrorHandler, type ListenOptions } from './emitter.ts'
export { type Checksum, crc32 } from './core/crc32.ts'
export {
  type Fail,
  requireDuration,
  requireInteger,
  requireMethods,
  requireName,
  requireOneOf,
  showValue,
} from './core/validate.ts'
export { jsonCodec } from './json-codec.ts'
export { bytesCodec } from './bytes-codec.ts'
export { systemClock } from './system/system-clock.ts'
export { systemRandom } from './system/system-random.ts'
export { createHost, type CreateHostOptions } from './create-host.ts'
