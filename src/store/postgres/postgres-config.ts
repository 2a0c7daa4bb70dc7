import type { DatabaseConfig } from '../../base/configuration.ts';

export type PostgresConfig = Extract<DatabaseConfig, { engine: 'postgres' }>;
