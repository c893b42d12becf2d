import type {
  LockGrant,
  LockKeeper,
  LockRefusal,
  LockRequest,
  LockValues,
} from '../../src/conformance/index.ts'
import type { LockFault } from './reference-locks.ts'

type Answer = LockGrant | LockRefusal

/** The lease that cases wait for, and the one that they do not, in milliseconds. */
const SHORT_MS = 300
const LONG_MS = 60_000

/** What a request is changed to before it is asked. */
function asking(change: (request: LockRequest) => Partial<LockRequest>): LockFault {
  return (inner) => ({ acquire: (request) => inner.acquire({ ...request, ...change(request) }) })
}

/** What an answer is changed to; a grant has to stay the same object. */
function answering(change: (answer: Answer, request: LockRequest) => Answer): LockFault {
  return (inner) => ({
    acquire: (request) => {
      const answer = inner.acquire(request)
      return answer instanceof Promise
        ? answer.then((later) => change(later, request))
        : change(answer, request)
    },
  })
}

function refusing(from: LockRefusal['refused'], to: LockRefusal['refused']): LockFault {
  return answering((answer) => ('refused' in answer && answer.refused === from ? { refused: to } : answer))
}

function changed(answer: Answer, change: Partial<LockGrant>): Answer {
  return 'refused' in answer ? answer : Object.assign(answer, change)
}

function onlyKey({ claims }: LockRequest): string | undefined {
  return claims.length === 1 ? claims[0]?.key : undefined
}

/** How a lock is asked for wrongly, by the name of the case that finds it. */
const ASKED_WRONGLY: Readonly<Record<string, LockFault>> = {
  'it can do what it is claimed to do': (inner) => ({
    capabilities: { ...inner.capabilities, owners: false },
  }),
  'a key that is held is refused to whoever does not wait, and another one is not': asking(({ claims }) => ({
    claims: claims.map((claim) => (claim.key === 'another job' ? { ...claim, key: 'job' } : claim)),
  })),
  'whoever waits gets the key when it is given back': (inner, _clock, place) => ({
    acquire: (request) => {
      const { waitMs, signal } = request
      const givesUp = waitMs === Infinity && signal === undefined && place.get('ttl') === LONG_MS
      place.set('ttl', request.ttlMs)
      return inner.acquire(givesUp ? { ...request, waitMs: 0 } : request)
    },
  }),
  'a wait is over when it is, and not before': asking(({ waitMs }) => ({
    waitMs: waitMs === 500 ? 250 : waitMs,
  })),
  'a wait that is aborted rejects with the reason': (inner) => ({
    acquire: (request) => {
      const answer = inner.acquire(request)
      if (!(answer instanceof Promise)) return answer
      return answer.catch(() => {
        throw new Error('aborted')
      })
    },
  }),
  'a wait that was aborted leaves no lock behind, whenever that was': (inner) => ({
    acquire: (request) => {
      const answer = inner.acquire(request)
      const { signal } = request
      if (answer instanceof Promise || signal === undefined) return answer
      return later(answer, signal)
    },
  }),
  'a wait that is over leaves no place in the queue behind': (inner) => ({
    acquire: (request) => {
      const answer = inner.acquire({ ...request, signal: undefined })
      const { signal } = request
      if (!(answer instanceof Promise) || signal === undefined) return answer
      return Promise.race([answer, whenAborted(signal)])
    },
  }),
  'several keys are taken together or not at all': (inner) => ({
    acquire: (request) => {
      const answer = inner.acquire(request)
      if (request.claims.length === 3 && request.waitMs === 0)
        void inner.acquire({ ...request, claims: request.claims.slice(0, 1) })
      return answer
    },
  }),
}

/** What is held wrongly. */
const HELD_WRONGLY: Readonly<Record<string, LockFault>> = {
  'a grant says when its attempt began': answering((answer) => changed(answer, { startedAt: 0 })),
  'a lease ends by itself, and not before its time': asking(({ ttlMs }) => ({
    ttlMs: ttlMs === SHORT_MS ? 0.8 * ttlMs : ttlMs,
  })),
  'an extension lets a lease run anew': (inner, clock) => ({
    extend: (grant, ttlMs) => (ttlMs === SHORT_MS ? clock.now() : inner.extend(grant, ttlMs)),
  }),
  'an extension says when its attempt began': (inner) => ({
    extend: (grant, ttlMs) => {
      const extendedAt = inner.extend(grant, ttlMs)
      return ttlMs === LONG_MS && extendedAt !== undefined ? grant.startedAt : extendedAt
    },
  }),
  'a lock that was given back is not extended': (inner, clock) => ({
    extend: (grant, ttlMs) => inner.extend(grant, ttlMs) ?? clock.now(),
  }),
  'a release gives the lock back': (inner, _clock, place) => ({
    acquire: (request) => {
      place.set('grants', Number(place.get('grants') ?? 0) + 1)
      if (place.get('grants') === 1 && request.claims.length === 2) place.set('kept', true)
      return inner.acquire(request)
    },
    release: (grant) => place.get('kept') === true || inner.release(grant),
  }),
  'a release says whether the lock was held': (inner) => ({
    release: (grant) => {
      void inner.release(grant)
      return true
    },
  }),
  "a release that comes late does not touch another's lock": (inner, _clock, place) => ({
    acquire: async (request) => {
      const answer = await inner.acquire(request)
      if (!('refused' in answer)) place.set('holder', answer)
      return answer
    },
    release: (grant) => inner.release(grant) || inner.release(place.get('holder') as LockGrant),
  }),
  'nobody is told of a loss after a release, at no time': (inner, clock) => ({
    acquire: (request) => {
      if (request.ttlMs === SHORT_MS) clock.after(SHORT_MS, () => request.lost('expired'))
      return inner.acquire(request)
    },
  }),
  'the holder is told when its lock was taken away': asking(() => ({ lost: () => undefined })),
  'closing twice does no harm': () => {
    let isClosed = false
    return {
      close: async () => {
        if (isClosed) throw new Error('closed')
        isClosed = true
      },
    }
  },
  'each grant of a key has a greater token, whoever asks': answering((answer, request) =>
    onlyKey(request) === 'job' ? changed(answer, { token: 1 }) : answer,
  ),
  'a lock of several keys has a token greater than all of each': answering((answer, { claims }) =>
    claims.length === 2 && !('refused' in answer)
      ? changed(answer, { token: Number(answer.token) - 2 })
      : answer,
  ),
}

/** What is confused of the kinds of locks. */
const KINDS_CONFUSED: Readonly<Record<string, LockFault>> = {
  'readers are there together, a writer alone': asking(({ claims }) => ({
    claims: claims.map((claim) => ({ ...claim, shared: false })),
  })),
  'permits of a semaphore are given until there are none': asking(({ claims }) => ({
    claims: claims.map((claim) => ({ ...claim, permits: 1 })),
  })),
  'a semaphore that is in use has one number of permits': refusing('mismatch', 'busy'),
  'an owner that has a key is not made to wait for itself': refusing('reentrant', 'busy'),
  'who would wait for whoever waits for it is refused': refusing('deadlock', 'busy'),
  'owners that wait in no circle get what they wait for': (inner) => ({
    acquire: (request) =>
      request.owner?.name === 'boris' && request.waitMs > 0
        ? { refused: 'deadlock' }
        : inner.acquire(request),
  }),
}

/** What becomes of values. */
const VALUES_SPOILT: Readonly<Record<string, LockFault>> = {
  'a value is read as it was written last, by whoever asks': withValues((values) => ({
    read: async () => await values.read('cart'),
  })),
  'who has not seen the newest value does not write': withValues((values) => ({
    write: async (key, expected, text) => {
      const newest = text === 'an old one seen' ? (await values.read(key))?.version : expected
      return await values.write(key, newest, text)
    },
  })),
  'a write says whether it took place, and of two at once one does': withValues((values) => ({
    write: async (...args) => {
      await values.write(...args)
      return true
    },
  })),
  'no version comes twice, also after the value was deleted': (inner, _clock, place) => {
    const values = valuesOf(inner)
    const count = (): number => Number(place.get('writes') ?? 0)
    return {
      values: {
        read: async (key) => {
          const found = await values.read(key)
          return found && { ...found, version: `v${count()}` }
        },
        write: async (key, expected, text) => {
          const found = await values.read(key)
          const shown = found && `v${count()}`
          if (expected !== shown) return false
          place.set('writes', text === undefined ? 0 : count() + 1)
          return await values.write(key, found?.version, text)
        },
      },
    }
  },
}

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_LOCKS: Readonly<Record<string, LockFault>> = {
  ...ASKED_WRONGLY,
  ...HELD_WRONGLY,
  ...KINDS_CONFUSED,
  ...VALUES_SPOILT,
}

function withValues(change: (values: LockValues) => Partial<LockValues>): LockFault {
  return (inner) => ({ values: { ...valuesOf(inner), ...change(valuesOf(inner)) } })
}

function valuesOf({ values }: LockKeeper): LockValues {
  if (values === undefined) throw new Error('the sound one has values')
  return values
}

/** Grants some turns later, and forgets what it has when nobody wants it any more. */
async function later(answer: Answer, signal: AbortSignal): Promise<Answer> {
  for (let turn = 0; turn < 4; turn++) await Promise.resolve()
  signal.throwIfAborted()
  return answer
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason is what the interface asks for
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
