import type { ConformanceCase } from '../../src/conformance/index.ts'
import {
  clockConformance,
  diskConformance,
  hostConformance,
  lockConformance,
  machineConformance,
  storageConformance,
  transportConformance,
} from '../../src/conformance/index.ts'

function never(): never {
  throw new Error('no case is run here')
}

/** A suite and the documentation that it is held to. */
export interface Documented {
  readonly suite: readonly ConformanceCase[]
  /** Where the interface is, from `packages` on. */
  readonly file: string
  /** Other files whose sentences are checked along with it. */
  readonly others?: readonly string[]
  /** Sentences that no case checks: what callers must do, what cannot be seen from outside, and what says nothing to be held to. */
  readonly unchecked: readonly string[]
}

/** Every suite, with all of its cases. */
export const DOCUMENTED: Readonly<Record<string, Documented>> = {
  transport: {
    suite: transportConformance({
      supports: [
        'ordered',
        'reliable',
        'addresses',
        'connections',
        'bounded',
        'observer',
        'contact',
        'stream',
        'occupied',
      ],
      network: never,
    }),
    file: 'host/src/transport.ts',
    unchecked: [
      // What it is.
      'What a transport promises, as data: protocols adapt to it and conformance suites are gated by it.',
      'Receives one frame.',
      'Hands a frame over for delivery.',
      // Two ways for frames: tested with UDP, which has them.
      'Frames of up to this many bytes travel as one datagram each, larger ones over a connection.',
      'Absent where all frames travel alike.',
      'How a frame came, where a transport has two ways: alone in a datagram, or over a connection.',
      '`path` says how the frame came, and is absent where all frames travel alike.',
      "Optional, for transports that send datagrams: as `send`, but over a connection, whatever the frame's size.",
      // What whoever sends must do.
      "An answer needs the sender's address in the address book of the node that answers, so say it in the frame.",
      // Follows from the cases about channels, seen from outside.
      'Many channels share one transport, and so one port, one handshake, one set of keys.',
      // A hint that only transports with connections give: tested with TCP, where a connection can be ended from outside.
      'Optional, for transports with connections: calls `handler` soon after a connection with a peer was ended by the peer (its process died, or closes) or failed, however many connections the two have.',
      'A hint that saves waiting for a timeout and proves nothing: the peer may live, and one that dies may leave no trace.',
      'Is told that a connection with `peer` was ended from the other side, or by the system on its behalf.',
    ],
  },
  disk: {
    suite: diskConformance({ supports: ['crash'], place: never }),
    file: 'host/src/disk.ts',
    unchecked: [
      // What it is.
      'One open file.',
      'A file system with the semantics that crash safety depends on, small enough to be simulated faithfully.',
      // What may be lost: a disk that loses less is no worse.
      'All writes are positioned; nothing is durable until DiskFile.sync or DiskFile.writeDurable resolved.',
      'Not durable yet.',
      'Creating, renaming and removing a file is durable only after Disk.syncDirectory of its directory.',
      // What the caller must do.
      'A rejection means: assume nothing, write no more.',
    ],
  },
  lock: {
    suite: lockConformance({
      supports: ['fencing', 'shared', 'semaphore', 'owners', 'values', 'leases', 'loss'],
      place: never,
    }),
    file: 'lock/src/backend.ts',
    others: ['lock/src/value-store.ts'],
    unchecked: [
      // What it is, and what the types say.
      'A backend promises what Capabilities says and these methods, and nothing else: deadlines, extension, and whatever a user sees of a lock are the same for all backends and are not its affair.',
      'A lock as its backend knows it.',
      'Chooses who gives way, instead of `victim`; only with the capability `choosesVictims`.',
      'Default: false.',
      'Discriminant.',
      'Discriminant.',
      'Discriminant.',
      'For messages: `memory`, `redis`.',
      'Greater is more important.',
      'Methods may answer at once or by a promise.',
      'Never throws.',
      "They reject for trouble only (no connection, a server's error).",
      'Unique among the owners of this process.',
      'Versioned values beside the locks, for optimistic updates.',
      'Wait-die; only with an owner.',
      'What a backend can do safely, as types: what it cannot do does not compile.',
      'What is asked of a backend.',
      'Where locks are kept.',
      'Which key.',
      'Who asks; only with the capability `owners`.',
      'Who gives way in a deadlock; only with an owner.',
      'Whoever asks for several locks, one after the other: a node of the wait-for graph.',
      'Why there is no lock.',
      'With `owners`: the victim of a deadlock may be chosen by a function, which needs a single place where that is decided.',
      'With the capability `values`: where optimistic updates read and write.',
      // What locks above the backend make of it, and what cannot be seen from outside.
      '0 where no other clock is involved: then nothing is taken off.',
      'Default: 0.01, and 2 ms more.',
      'Ends the waiting early.',
      "Ends what the backend holds of its own (connections stay their makers').",
      'How much clocks may run apart during a lease, as a fraction: the deadline of a lock is that much before the end of its lease.',
      'One attempt.',
      'Who waits for whom; empty where nobody knows (wait-die).',
    ],
  },
  clock: {
    suite: clockConformance({ clock: never }),
    file: 'host/src/clock.ts',
    unchecked: [
      // What it is, and why.
      'A source of time that a simulation can own.',
      'Monotonic: nothing in colony reads the time of day for a decision.',
      'A process that was stalled finds both an expired timer and unread messages when it wakes.',
      "What a timer means to do about silence (start an election, suspect a peer) must therefore wait for one reading of the inbox: from inside the timer's task, call this first.",
      'On Node it is `setImmediate`, which runs after the poll phase has read the sockets.',
      // What the caller must do.
      '`task` must not throw.',
    ],
  },
  host: {
    suite: hostConformance({ place: never }),
    file: 'host/src/host.ts',
    unchecked: [
      // What it is, and where it comes from.
      'The world that a protocol core runs on.',
      'Real ones come from `nodeHost` of `@colony/host/node` and from createHost; a simulated one from `@colony/testing`.',
      'One host can carry any number of protocols, all under one node id.',
      // What its parts are: those have suites of their own.
      'Monotonic time.',
      'Randomness.',
      'Frames to and from other nodes.',
      'Where those nodes are.',
      'Receives structured events.',
      // What is up to the transport, and tested with each.
      'Names the cluster; nodes of different clusters never talk, and data of one is refused by another.',
      '1 to 255 bytes of UTF-8.',
    ],
  },
  storage: {
    suite: storageConformance({
      supports: ['crash', 'lock', 'failure', 'damage', 'limit', 'snapshots'],
      place: never,
    }),
    file: 'raft/src/storage/storage.ts',
    others: ['raft/src/core/entry.ts'],
    unchecked: [
      // What it is.
      'Whose data a storage holds.',
      '`clusterId` of the host.',
      'Raft group within the cluster.',
      'The node that owns the data.',
      'The voters that the group is founded with, sorted; none on a node that joins.',
      'Who is a member now, the log says.',
      // Random, and the caller's; that it is kept, raft's own tests show.
      'A random number from 1 to 2^52 - 1, drawn anew for every call: a fresh storage that has no better one keeps it.',
      'Not compared at later starts; that of the first time is given back as StoredState.incarnation.',
      // A full disk is the matter of the log storage, whose own tests fill one.
      'A storage that raises it keeps room for records that change term and vote alone, so that a node on a full disk can still vote.',
      'With one exception: after `RAFT_STORAGE_FULL` nothing of the record is there, and it may be persisted again, as it is or merged with later ones.',
      'Where a node keeps its term, its vote and its log.',
      'A snapshot that is open for reading.',
      'What it stands for.',
      'Opens the newest snapshot; `undefined` when there is none.',
      // What the cases do all the time, or cannot see from outside.
      'How long its content is.',
      'Reads up to `length` bytes of the content from `offset` on; shorter only at the end.',
      'Lets go of it.',
      'Idempotent.',
      'The log does not change.',
      "May forget the entries before `index`, which is at most one past the newest snapshot's.",
      '`chunks` is read to its end, one chunk at a time, and not asked for the next before the last one was written; when it throws, saving is given up and rejects with what it threw.',
      // What the caller must do.
      'One raft node uses one storage, and nobody else does.',
      'The runtime never calls `persist` before the previous call settled: whatever queued meanwhile comes as one record (group commit).',
      'The methods for snapshots come together or not at all; without them the log grows for ever, and the node refuses snapshots from others.',
      'They are called while a `persist` is under way, but never two of `saveSnapshot` at a time.',
      'Commands and writes are kept below.',
      'Default: no limit.',
    ],
  },
  machine: {
    suite: machineConformance({ machine: never, commands: [0], state: never }),
    file: 'raft/src/runtime/machine.ts',
    others: ['raft/src/runtime/raft-options.ts'],
    unchecked: [
      // What it is, and what raft does.
      'What a machine may know about the command it applies.',
      'The same on every node.',
      'Index of the command in the log.',
      'Term of the leader that put it there.',
      'Log time: whole milliseconds since the group began to count, which never go back.',
      'Leaders write it into the log, by their monotonic clocks and in steps of 100, so that it is the same on every node and at every restart; it has nothing to do with the time of day, and stands still while the group has no leader or nothing to do.',
      'It is counted when something needs it, see StateMachine.usesTime; 0 before.',
      'Set it on a machine that reads ApplyContext.time: the group then counts log time as soon as all members are up, and not only when idempotency keys or sessions need it.',
      'Default false.',
      "The user's replicated state: every node applies the same commands in the same order.",
      'Applies one command and returns its result.',
      'Any state machine, whatever its commands and results.',
      'The commands that a machine applies.',
      'The results that a machine returns.',
      'The whole state as bytes, in chunks of any size: what StateMachine.restore makes the same state from.',
      'With it the log is cut now and then, and nodes that are far behind catch up; without it the log grows for ever.',
      'Comes together with `restore`.',
      'Called between two commands, and its first chunk is asked for at once; the others follow while commands go on being applied.',
      'What it throws gives this snapshot up, and the next one is tried later.',
      'Takes over the state that another machine, or this one in an earlier life, gave as StateMachine.snapshot, in place of whatever it has.',
      'The bytes are the same and in the same order, but the chunks may be others.',
      'No command is applied and no read is run before it is done.',
      'What it throws stops the node.',
      // What the author of a machine must do elsewhere.
      'Whatever takes time happens after the proposal returned.',
      'What it yields must be the state of that moment all the same: take what will change before the first `yield`, as by copying a map of values that are replaced but never changed.',
    ],
  },
}
