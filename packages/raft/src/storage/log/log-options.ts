import {
  type Checksum,
  crc32,
  type Disk,
  type Observer,
  type Random,
  requireInteger,
  requireMethods,
} from '@colony/host'
import { RaftError } from '../../errors.ts'
import { MAX_PAYLOAD_BYTES } from './format.ts'

const MEBIBYTE = 1024 * 1024

/**
 * Where and how {@link logStorage} keeps a log.
 * @category Storage
 */
export interface LogStorageOptions {
  /** Where the files are; the simulator and Node each have one. */
  readonly disk: Disk
  /** Directory of this node's log, which nothing else may use. Made when it is missing. */
  readonly directory: string
  /** CRC-32 (IEEE 802.3) over bytes. Default {@link crc32}; a platform's own is faster, and the files are the same. */
  readonly checksum?: Checksum
  /**
   * Size of a segment file in bytes, from 1024 to 1 GiB, a multiple of 8; default 16 MiB. Each one is made at its full size before it is
   * used, so a log takes at least two of them. Smaller ones waste less space, larger ones are made less often. May differ from start to start.
   */
  readonly segmentBytes?: number
  /**
   * Largest record that is written, in bytes, from 1024 to 1 GiB (a raft node needs 4096); default 80 MiB. All entries that are persisted together are one record.
   * Whatever was written can be read again, also with a smaller limit.
   */
  readonly maxRecordBytes?: number
  /** Told of what was found and done: `raft.storage-tail-cut`, `raft.storage-preparation-failed`. Default: nobody. */
  readonly observer?: Observer
  /** Makes the random part of a new log's identity. Default: the platform's `crypto`. The simulator passes its own. */
  readonly random?: Random
}

/** Options with every default filled in. */
export type CompleteLogOptions = Required<Omit<LogStorageOptions, 'observer' | 'random'>> &
  Pick<LogStorageOptions, 'observer' | 'random'>

const OPTION_NAMES: readonly string[] = [
  'disk',
  'directory',
  'checksum',
  'segmentBytes',
  'maxRecordBytes',
  'observer',
  'random',
] satisfies (keyof LogStorageOptions)[]

/** Checks options and fills in the defaults. */
export function completeOptions(options: LogStorageOptions): CompleteLogOptions {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name)) {
      throw invalid(`${name} is no option of a log storage; there are ${OPTION_NAMES.join(', ')}`)
    }
  }
  const { segmentBytes = 16 * MEBIBYTE, maxRecordBytes = 80 * MEBIBYTE } = options
  requireMethods(invalid, 'disk', options.disk, ['open', 'list', 'rename', 'remove', 'syncDirectory'])
  if (typeof options.directory !== 'string' || options.directory === '') {
    throw invalid('directory must be a path, not empty')
  }
  requireInteger(invalid, 'segmentBytes', segmentBytes, 1024, MAX_PAYLOAD_BYTES)
  if (segmentBytes % 8 !== 0) throw invalid(`segmentBytes must be a multiple of 8, not ${segmentBytes}`)
  requireInteger(invalid, 'maxRecordBytes', maxRecordBytes, 1024, MAX_PAYLOAD_BYTES)
  return { checksum: crc32, ...options, segmentBytes, maxRecordBytes }
}

function invalid(message: string): RaftError {
  return new RaftError('RAFT_INVALID_OPTION', message)
}
