/** Events that are kept for a picture: it stays readable up to about so many. */
export const TIMELINE_EVENTS = 10_000
