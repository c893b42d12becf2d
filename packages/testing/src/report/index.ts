/**
 * Pictures of a failure, for people: one self-contained HTML file, and text for logs.
 * @module report
 */
export type { FailurePicture } from './failure-picture.ts'
export { renderHtml } from './html.ts'
export { renderText, type TextPictureOptions } from './text.ts'
export type {
  DeliverEvent,
  FaultEvent,
  LoseEvent,
  NoteEvent,
  RoleEvent,
  SendEvent,
  StateEvent,
  Timeline,
  TimelineEvent,
  TimelineInstant,
} from '../timeline/timeline.ts'
