/** What the architecture test found. */
export interface ArchitectureReport {
  readonly packages: number
  readonly files: number
  /** `file:line  rule  message`, each a failure. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

export function checkArchitecture(root: string): ArchitectureReport
