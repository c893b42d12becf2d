/**
 * Locks on PostgreSQL: advisory locks, and leases in a table.
 * @module postgres
 */
export { postgresAdvisory } from './postgres-advisory.ts'
export { postgresMigration, type PostgresSchemaOptions, postgresSweep } from './migration.ts'
export { postgresLeases } from './postgres-leases.ts'
export { checkFence, type PostgresRunner } from './fence.ts'
export type {
  PostgresAdvisoryCapabilities,
  PostgresAdvisoryOptions,
  PostgresLeasesCapabilities,
  PostgresLeasesOptions,
  PostgresOptions,
} from './options.ts'
export type {
  PostgresClient,
  PostgresConnection,
  PostgresNotification,
  PostgresPool,
  PostgresPoolClient,
  PostgresQuery,
  PostgresResult,
  PostgresSource,
} from './postgres-client.ts'
