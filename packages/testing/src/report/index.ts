/**
 * Pictures of a failure, for people: one self-contained HTML file, and text for logs.
 * @packageDocumentation
 */
export type { Timeline, TimelineEvent } from '../timeline/timeline.ts'
