export { MemberTracker, trackMembers, type RingChange } from '../tracker.ts'
export type { Member, MemberEvent, MemberEventType, MemberSource } from './events.ts'
export type { TrackerClock, TrackerErrorOrigin, TrackOptions } from './options.ts'
