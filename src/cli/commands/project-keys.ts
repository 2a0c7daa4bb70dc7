import { isoTime, later } from '../../base/clock.ts';
import { systemActor } from '../../core/actor.ts';
import { createProjectKeys, listProjectKeys, updateProjectKeys } from '../../core/projects/manage-project-keys.ts';
import { projectKeyKinds } from '../../core/projects/project-key.ts';
import { seconds } from '../duration.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { note, print, table } from '../terminal.ts';
import { withProject } from '../with-project.ts';

interface Chosen {
  readonly project: string;
}

export interface KeysCreateOptions extends Chosen {
  readonly publishable?: boolean;
  readonly server?: boolean;
  readonly admin?: boolean;
  readonly for?: string;
  readonly description: string;
}

export async function projectKeysCreate(options: KeysCreateOptions): Promise<void> {
  const kinds = projectKeyKinds.filter((kind) => options[kind]);
  if (kinds.length === 0) {
    throw new CommandFailure('Say which keys: --publishable, --server, --admin.', exitCodes.usage);
  }
  const lifeMs = options.for === undefined ? null : seconds(options.for) * 1000;
  const { projectId, made } = await withProject(options.project, async (ctx) => ({
    projectId: ctx.project.id,
    made: await createProjectKeys(ctx, systemActor, {
      kinds,
      description: options.description,
      expiresAt: lifeMs === null ? null : later(ctx.clock.now(), lifeMs),
    }),
  }));
  print(`project id   ${projectId}`);
  for (const [kind, text] of Object.entries(made.texts)) print(`${kind.padEnd(12)} ${text}`);
  note('They are not shown again: only their digests are kept.');
}

export async function projectKeysList({ project }: Chosen): Promise<void> {
  await withProject(project, async (ctx) => {
    const now = ctx.clock.now();
    const rows = (await listProjectKeys(ctx)).map((set) => [
      set.id,
      Object.entries(set.last4)
        .map(([kind, last4]) => `${kind} …${last4}`)
        .join(', '),
      set.description || '–',
      set.revokedAt !== null
        ? 'revoked'
        : set.expiresAt === null
          ? 'active'
          : `${set.expiresAt <= now ? 'over since' : 'until'} ${isoTime(set.expiresAt)}`,
    ]);
    print(table(['ID', 'KEYS', 'DESCRIPTION', 'STATE'], rows));
  });
}

export async function projectKeysRevoke(id: string, { project }: Chosen): Promise<void> {
  await withProject(project, (ctx) => updateProjectKeys(ctx, systemActor, id, { revoke: true }));
  print(`Revoked the keys ${id}.`);
}
