import type { Chapter } from './feature.ts'

/** What happens when something is broken, and what can be done. */
export const TROUBLE: Chapter = {
  title: 'Trouble',
  features: [
    {
      name: 'Full disks',
      does: 'The node acknowledges nothing that it could not write, hands over, still votes (there is room kept for that), and goes on by itself when there is room.',
      use: 'events `raft.disk-full`, `raft.disk-room-again`; [Recovery](recovery.md)',
      tests: [
        'a full disk > under a leader: it hands over, and is elected no more while that lasts',
        'a full disk > under a follower: it stays, and goes on by itself when there is room',
        'a full disk > has room for terms and votes',
      ],
      called: 'full disk',
    },
    {
      name: 'Disks that fail',
      does: 'After a failed write or sync nobody knows what is on the disk: the node hands over and stops. What it wrote counts only as far as the next start reads it back.',
      use: '`RAFT_STORAGE_FAILED`; event `stopped`',
      tests: [
        'a disk that fails > under a leader: it hands over before it stops, and nobody waits for an election timeout',
        'a disk that fails > nothing is written any more once a write failed',
        'log storage > %s from a write: an error that keeps the cause, and nothing more is accepted',
      ],
      called: 'disk that fails',
    },
    {
      name: 'Disks that hang',
      does: 'Heartbeats do not need the disk, so something else must notice: a leader whose write takes too long hands over, and stands for no election until a write has finished.',
      use: '`diskStallMs`; event `raft.disk-stall`',
      tests: [
        'a disk that hangs > under a leader: the observer is told, and it hands over',
        'a disk that hangs > under a node: it stands for no election until a write has finished',
      ],
      called: 'disk that hangs',
    },
    {
      name: 'Lost entries are fetched again',
      does: 'A node that finds damage in the middle of its log starts without breaking what it promised: it elects nobody who lacks what it held, and is sent what it lost.',
      use: 'event `raft.storage-entries-lost`',
      tests: [
        'a node that lost entries > is sent them again by the leader that counted them',
        'a node that lost entries > elects nobody who lacks what it held, though it lacks it itself',
      ],
      called: 'lost entries',
    },
    {
      name: 'Looking at a log, and repairing it',
      does: 'What is there, what is damaged, what a start would make of it, and what can be done; nothing is deleted.',
      use: '`npx @colony/raft log check|repair ./data`, `checkLog(directory)`',
      tests: [
        'what is said of a log > damage in the middle: where it is, what the record held, and what a start would fetch',
        'repair > cuts a torn tail and keeps a copy of it',
        'a crash at any moment of a repair > %s: the next one ends it, and nothing is lost',
      ],
      called: 'repair',
    },
    {
      name: 'A quorum that is lost for good',
      does: '`plan` compares the logs of the survivors, names the best and says what may be lost; `force` makes it the beginning of a new cluster, behind a fence that the old nodes cannot pass.',
      use: '`planQuorumRecovery(…)`, `forceQuorumRecovery(…)`; [Recovery](recovery.md)',
      tests: [
        'a plan > names the log with the latest term, not the longest, and says what may be lost',
        'force > the old cluster is refused the new directory, and the new cluster the old ones',
        'a group that lost its quorum goes on from the best log, with the survivors as its members',
      ],
      called: 'lost its quorum',
    },
    {
      name: 'Backup and restore',
      does: 'State, members, keys and sessions as one stream of bytes with checksums, from a running or a stopped node; restored to an empty directory, as a new cluster.',
      use: '`raft.backup()`, `backupFiles(…)`, `restoreBackupFiles(…)`',
      tests: [
        'a backup > with any byte changed, or cut off: refused, and no node starts with what is there',
        'a backup > is restored to an empty directory, and under another cluster id only',
      ],
      called: 'a backup',
    },
    {
      name: 'Event loops that stall',
      does: 'Nobody asks for an election straight from a timer: what waits in the inbox is read first.',
      use: 'automatic',
      tests: ['a node > that was stalled reads its inbox before it asks for an election'],
      called: 'stalled',
    },
    {
      name: 'Calls under way',
      does: 'Whatever happens to the leader, a call ends within its time, and what is said of it is true.',
      use: '`timeoutMs`, `signal`',
      tests: [
        'calls under way at %s > wait no longer than they were told to',
        'calls under way at %s > end as soon as somebody leads again, and what is said of them is true',
      ],
    },
  ],
}
