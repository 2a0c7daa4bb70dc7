import { postgresAnswers } from './postgres-answers.ts';
import { startPostgresRun } from './postgres-run.ts';

/** Runs once, before the workers start. What is returned runs after they have ended. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (!(await postgresAnswers())) return undefined;
  const run = await startPostgresRun();
  return () => run.stop();
}
