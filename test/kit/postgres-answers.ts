import { Client } from 'pg';
import { postgresUrl } from './postgres-run.ts';

export async function postgresAnswers(): Promise<boolean> {
  const client = new Client({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (fault) {
    if (process.env.CI === 'true') throw new Error(`PostgreSQL must answer at ${postgresUrl} in CI`, { cause: fault });
    console.warn(`\n!!! PostgreSQL DOES NOT ANSWER AT ${postgresUrl}: ITS HALF OF THE STORE TESTS IS SKIPPED !!!\n`);
    return false;
  }
}
