import type { Chapter } from './feature.ts'

/** Where it is kept, and how it travels. */
export const STORAGE: Chapter = {
  title: 'Storage and transport',
  features: [
    {
      name: 'Storage that is shipped',
      does: 'Memory, and a log in files: preallocated segments, one write for everything that queued, snapshots beside it.',
      use: '`memoryStorage()`, `fileStorage(directory)`, `logStorage({ disk })`',
      tests: ['file storage > many segments of real files, opened again'],
      called: 'file storage',
    },
    {
      name: 'A conformance suite for yours',
      does: 'What every storage must do, with crashes, damage and failing writes; it is itself tested with broken storages.',
      use: '`storageConformance(factory)` of `@colony/testing/conformance`',
      tests: [
        'storage conformance > of a record that a crash interrupted, all is there or nothing',
        'storage conformance > after a write failed nothing is taken until the storage is opened anew',
        'a %s > that breaks one clause is convicted by the case of that clause, and by no other > %s',
      ],
      called: 'storage conformance',
    },
    {
      name: 'Checksums of records',
      does: 'Every record has one over its header and one over its content, salted with where it stands.',
      use: 'automatic',
      tests: [
        'log storage > the same bytes whichever CRC-32 is used',
        'a log of several segments > with any byte changed in a record but the last: nothing is lost, or what is lost is known and told of',
        'records inside of entries are never taken for records',
      ],
      called: 'CRC-32',
    },
    {
      name: 'Torn tails told from damage',
      does: 'What an interrupted write left is cut, durably, and reported; damage to what was acknowledged is refused with file, byte and what to do, and nothing is changed.',
      use: '`RAFT_STORAGE_DAMAGED`; event `raft.storage-tail-cut`',
      tests: [
        'a damaged record before a torn one is told from a torn one alone',
        'a log of several segments > with any byte changed in the last record: that record at most is lost, and it is reported',
      ],
      called: 'torn',
    },
    {
      name: 'Crashes at every moment',
      does: 'Short histories are cut off at every single operation of the simulated disk, each in many ways; long ones at random moments.',
      use: 'automatic',
      tests: [
        'a short history survives a crash at every single moment, each in many ways',
        'a short history with snapshots survives a crash at every single moment, each in many ways',
      ],
      called: 'survives a crash',
    },
    {
      name: 'Transports that are shipped',
      does: 'TCP with a handshake, and memory. One of your own has five methods.',
      use: '`nodeHost({ listen })`, `createMemoryNetwork()`, [a transport of your own](custom-transport.md)',
      tests: [
        'tcpTransport > carries frames both ways, the first ones from before the connection stands',
        'createMemoryNetwork > delivers later, in the order of sending across all senders, one task a round',
        'the programs that the guides quote > custom-transport.ts: raft on a transport of its own',
      ],
      called: 'transport',
    },
    {
      name: 'Mutual TLS',
      does: 'Both sides are named by their certificates; whoever is named otherwise, or not at all, is refused.',
      use: '`nodeHost({ tls })`',
      tests: [
        'mutual TLS > refuses a node whose certificate names another, on both sides',
        'mutual TLS > refuses a client without a certificate',
      ],
    },
  ],
}
