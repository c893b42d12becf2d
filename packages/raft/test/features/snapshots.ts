import type { Chapter } from './feature.ts'

/** What stands for a log that was cut. */
export const SNAPSHOTS: Chapter = {
  title: 'Snapshots',
  features: [
    {
      name: 'Streamed in chunks, resumed',
      does: 'The machine gives an (async) iterable of bytes. They are sent in chunks that are acknowledged; after a lost connection, or from a restarted leader, it goes on where it was.',
      use: '`snapshot()` and `restore()` on your machine',
      tests: [
        'a snapshot on its way > goes on where it was when the connection comes back',
        'a snapshot that arrives > is put together from chunks that come twice, too early, and overlap',
      ],
      called: 'from chunks',
    },
    {
      name: 'Rate limit',
      does: 'Bytes a second for all followers together. Heartbeats do not wait behind a snapshot.',
      use: '`snapshots.bytesPerSecond`',
      tests: ['a snapshot on its way > obeys its limit, and nobody misses a heartbeat meanwhile'],
      called: 'limit',
    },
    {
      name: 'Compaction that keeps a tail',
      does: 'The log is cut behind a snapshot but for some entries, so that whoever is a little behind needs no snapshot.',
      use: '`snapshots.everyEntries`, `snapshots.keepEntries`; `raft.snapshot()`',
      tests: ['taking snapshots > is done every so many entries, and cuts the log but for a tail'],
      called: 'a tail',
    },
    {
      name: 'Checked from end to end',
      does: 'A snapshot is installed when every byte of it is right, and then takes the place of what it disagrees with and of nothing else.',
      use: 'automatic',
      tests: [
        'the content of a snapshot > is refused with any bit changed, any end cut off, and anything behind it',
        'installing a snapshot > keeps the entries behind it when the log agrees with it',
        'transcripts > snapshots and logs',
      ],
      called: 'snapshot',
    },
  ],
}
