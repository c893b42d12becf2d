import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs'
import { cpus, loadavg, platform, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { temporaryDirectory } from './cleanup.ts'
import { median } from './percentiles.ts'

/** What a figure depends on besides the code. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly system: string
  readonly node: string
  /** File system under the scratch directory. */
  readonly fileSystem: string
  /** Median of appending 4 KiB and making it durable, in microseconds. */
  readonly fdatasyncMicros: number
  /** Runnable processes over the last minute, when the run began: well above 0 means a busy machine. */
  readonly loadAverage: number
}

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x794c7630: 'overlayfs',
  0x2fc12fc1: 'zfs',
  0x01021994: 'tmpfs',
}

/** Looks at this machine. `scratch` is the directory that the benchmark writes under. */
export function describeMachine(scratch: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    system: `${platform()} ${release()}`,
    node: process.version,
    fileSystem: fileSystemOf(scratch),
    fdatasyncMicros: Math.round(measureSync(scratch)),
    loadAverage: loadavg()[0] ?? 0,
  }
}

/** One line for people. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, system, node, fileSystem, fdatasyncMicros, loadAverage } = machine
  return (
    `${cpu}, ${cores} cores, ${system}, node ${node}, ${fileSystem} with ${fdatasyncMicros} µs a 4 KiB append + fdatasync, ` +
    `load average ${loadAverage.toFixed(2)} at the start`
  )
}

/** Where to write: the usual temporary directory, unless that is memory, where every fsync is free and durability costs nothing. */
export function scratchDirectory(): string {
  const candidates = [tmpdir(), '/var/tmp', process.cwd()]
  return candidates.find((path) => !['tmpfs', 'unknown'].includes(fileSystemOf(path))) ?? tmpdir()
}

function fileSystemOf(path: string): string {
  try {
    const { type } = statfsSync(path)
    return FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`
  } catch {
    return 'unknown'
  }
}

function measureSync(scratch: string): number {
  using directory = temporaryDirectory(scratch, 'colony-sync-')
  const file = openSync(join(directory.path, 'probe'), 'w')
  const block = new Uint8Array(4096)
  const micros = Array.from({ length: 64 }, () => {
    const started = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    return (performance.now() - started) * 1000
  })
  closeSync(file)
  return median(micros)
}
