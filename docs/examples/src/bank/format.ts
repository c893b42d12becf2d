/** `12,345`; `-` for what is not known. */
export function count(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : Math.round(value).toLocaleString('en-US')
}

/** `7.4 ms`, `312 ms`, `-`. */
export function milliseconds(value: number): string {
  if (Number.isNaN(value)) return '-'
  return `${value < 100 ? value.toFixed(1) : count(value)} ms`
}

/** `3.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
