import { Refusal } from '../../base/refusal.ts';
import type { RequestOrigin } from '../actor.ts';
import type { Context } from '../context.ts';
import { isUsableKey, type ProjectKeyKind } from './project-key.ts';
import { type ProjectServer, projectServer } from './project-server.ts';

/** From the least to the most: whoever may do more may also do less. */
export type AccessLevel = 'client' | 'server' | 'admin';

const kindOf: { readonly [level in AccessLevel]: ProjectKeyKind } = {
  client: 'publishable',
  server: 'server',
  admin: 'admin',
};

/** Stands in for a publishable key where none is needed. */
const noKey = '__stack_public_client__';

/**
 * May the caller speak for the project at this level? A publishable key that is shown must be right even where none is
 * needed.
 * @param from asked for services alone: most requests are of people
 * @returns the server that shows its key; null for clients
 * @throws Refusal project_key_missing, project_key_rejected; `field` is the kind of the key
 */
export async function admitProjectKey(
  ctx: Context,
  from: () => RequestOrigin,
  level: AccessLevel,
  shown: string | null,
): Promise<ProjectServer | null> {
  const kind = kindOf[level];
  const text = kind === 'publishable' && shown === noKey ? null : shown;
  if (text === null) {
    if (kind === 'publishable' && !ctx.project.policy.projectKeys.publishableRequired) return null;
    throw new Refusal('project_key_missing', { field: kind, given: ctx.project.id });
  }
  const digest = ctx.vault.digest(text);
  if (ctx.projectKeys.knows(kind, digest, ctx.clock.now()) || (await isStored(ctx, kind, digest))) {
    return level === 'client' ? null : projectServer(level, from());
  }
  throw new Refusal('project_key_rejected', { field: kind, given: ctx.project.id });
}

async function isStored(ctx: Context, kind: ProjectKeyKind, digest: Uint8Array): Promise<boolean> {
  const key = await ctx.store.read.projectKeys.findByHash(digest);
  return key?.kind === kind && isUsableKey(key, ctx.clock.now());
}
