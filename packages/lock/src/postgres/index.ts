/**
 * Locks on PostgreSQL.
 * @module postgres
 */
export {}
