import { isoTime } from '../../base/clock.ts';
import { isProjectName } from '../../base/project-name.ts';
import { systemActor } from '../../core/actor.ts';
import { internalProjectId } from '../../core/projects/directory.ts';
import { createProject } from '../../core/projects/manage-projects.ts';
import { findActiveKey, rotateSigningKeys } from '../../core/signing/rotate-signing-keys.ts';
import { signingPurposes } from '../../core/signing/signing-key.ts';
import { CommandFailure } from '../failure.ts';
import { note, print, table } from '../terminal.ts';
import { withCore, withProject } from '../with-project.ts';

export async function projectList({ json }: { readonly json?: boolean }): Promise<void> {
  await withCore(async ({ store }) => {
    const listed = await store.projects.list();
    const records = await Promise.all(listed.map(({ id }) => store.projects.find(id)));
    const projects = records.filter((record) => record !== null);
    if (json) {
      const rows = projects.map(({ id, key, displayName, preset, createdAt }) => ({
        ...{ id, key, display_name: displayName, preset, created_at: isoTime(createdAt) },
      }));
      return print(JSON.stringify(rows, null, 2));
    }
    const rows = projects.map(({ id, key, displayName, createdAt }) => [
      id,
      key === id ? '–' : key,
      displayName,
      isoTime(createdAt),
    ]);
    print(table(['ID', 'KEY', 'NAME', 'MADE'], rows));
  });
}

/** New projects let people sign up with a password; everything else is for their administrators to switch on. */
const fresh = { 'auth.allowSignUp': true, 'auth.password.allowSignIn': true, 'domains.allowLocalhost': true };

export async function projectCreate(name: string): Promise<void> {
  if (!isProjectName(name)) throw new CommandFailure('A name is one line of 1 to 256 characters.');
  const made = await withProject(internalProjectId, (ctx) =>
    createProject(ctx, systemActor, null, {
      ...{ displayName: name, description: '', logoUrls: {}, production: false, overrides: fresh },
    }),
  );
  print(`Created the project ${made.displayName} with id ${made.id}.`);
  note(`Make its keys with \`latchkey project keys create --project ${made.id} --publishable --server --admin\`.`);
}

export async function rotateKeys({ project }: { readonly project: string }): Promise<void> {
  const rotated = await withProject(project, async (ctx, { configured }) => {
    const done: string[] = [];
    for (const purpose of signingPurposes) {
      const active = await findActiveKey(ctx, purpose);
      if (!active) continue;
      const alg = purpose === 'b_session' ? configured.betterAuth.jwtAlgorithm : active.alg;
      await rotateSigningKeys(ctx, systemActor, { purpose, alg, seenActive: active.id });
      done.push(purpose);
    }
    return done;
  });
  print(rotated.length === 0 ? 'The project has not signed anything yet.' : `Rotated: ${rotated.join(', ')}.`);
}
