/**
 * Which data a node has: a random whole number from 1 to 2^52 - 1 that its storage got when it was founded. A node whose disk was wiped comes back with another one. 0: not known.
 * @category Core
 */
export type Incarnation = number
