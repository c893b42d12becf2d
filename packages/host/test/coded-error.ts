import { expect } from 'vitest'
import type { HostErrorCode } from '../src/core/error.ts'

/** Matches an error by its code and a part of its message. */
export function codedError(code: HostErrorCode, part = ''): Error {
  return expect.objectContaining({
    code,
    message: expect.stringContaining(part) as string,
  }) as unknown as Error
}
