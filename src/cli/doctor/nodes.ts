import type { Config } from '../../base/configuration.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { type Finding, fail, ok, reason, warn } from './finding.ts';

/** Whether a server would hear what other nodes and commands change, which is what lets it keep sessions in memory. */
export async function heardNodes({ database, redisUrl }: Config, store: OpenStore): Promise<readonly Finding[]> {
  if (database.engine !== 'postgres') return [];
  const between: readonly Finding[] = store.pooled
    ? [ok('Database is behind a pooler: nothing is kept on connections')]
    : [];
  if (redisUrl !== null) return between;
  if (store.pooled && database.directUrl === null) {
    const mend =
      'Set DATABASE_DIRECT_URL to the same database past the pooler, or REDIS_URL; DATABASE_POOLER=session if it is in session mode.';
    return [
      warn('Database is behind a pooler, so sessions are not kept in memory: each check reads the database', mend),
    ];
  }
  const { tryListening } = await import('../../store/invalidation/postgres-bus.ts');
  const way = database.directUrl === null ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
  try {
    await tryListening(database, store.notify);
    return [...between, ok(`Other nodes are heard over ${way}`)];
  } catch (fault) {
    const mend = `Correct ${way}, or set ${database.directUrl === null ? 'DATABASE_DIRECT_URL' : 'REDIS_URL'}.`;
    return [...between, fail(`Other nodes cannot be heard: ${reason(fault)}`, mend)];
  }
}
