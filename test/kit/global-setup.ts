import { postgresAnswers } from './postgres-answers.ts';
import { startPostgresRun } from './postgres-run.ts';
import { startScratch } from './scratch-folder.ts';

/** Runs once, before the workers start. What is returned runs after they have ended. */
export default async function setup(): Promise<() => Promise<void>> {
  const removeScratch = startScratch();
  const run = (await postgresAnswers()) ? await startPostgresRun() : null;
  return async () => {
    await run?.stop();
    removeScratch();
  };
}
