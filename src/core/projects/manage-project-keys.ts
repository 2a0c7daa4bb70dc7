import { earlier, type Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { codePoints, hasUnseenCharacters } from '../../base/text.ts';
import { act } from '../acting.ts';
import type { ServerActor, SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import { type ProjectKey, type ProjectKeyKind, projectKeyKinds, projectKeyText } from './project-key.ts';

/** Keys that were made together, as surfaces show them. */
export interface ProjectKeySet {
  readonly id: Id;
  readonly description: string;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly createdAt: Instant;
  readonly last4: Partial<Record<ProjectKeyKind, string>>;
}

const maxDescription = 256;

/** Who may hand out keys of the project: its administrators and the operator. */
type KeyMaker = ServerActor | SystemActor;

/**
 * A new set; this is the only time its texts are told.
 * @throws Refusal input_invalid (no kind named, a description that is none), access_level_insufficient, limit_reached
 */
export async function createProjectKeys(
  ctx: Context,
  actor: KeyMaker,
  input: {
    readonly kinds: readonly ProjectKeyKind[];
    readonly description: string;
    readonly expiresAt: Instant | null;
  },
): Promise<{ readonly set: ProjectKeySet; readonly texts: Partial<Record<ProjectKeyKind, string>> }> {
  if (input.kinds.length === 0) throw new Refusal('input_invalid', { field: 'At least one kind of key is required' });
  if (codePoints(input.description) > maxDescription || hasUnseenCharacters(input.description)) {
    throw new Refusal('input_invalid', {
      field: `description must be one line of at most ${maxDescription} characters`,
    });
  }
  const setId = ctx.ids.next();
  const texts: Partial<Record<ProjectKeyKind, string>> = {};
  const keys = projectKeyKinds
    .filter((kind) => input.kinds.includes(kind))
    .map((kind): ProjectKey => {
      const text = projectKeyText(ctx.random, kind);
      texts[kind] = text;
      const { description, expiresAt } = input;
      return {
        ...{ id: ctx.ids.next(), setId, kind, description, expiresAt, revokedAt: null, createdAt: ctx.clock.now() },
        keyHash: ctx.vault.digest(text),
        last4: text.slice(-4),
      };
    });
  await act(ctx, actor, { server: 'admin' }, async (tx) => {
    const now = ctx.clock.now();
    const live = (await tx.projectKeys.list()).filter(
      ({ expiresAt, revokedAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
    );
    const tooMany = refuseBeyond('projectKeys', new Set(live.map((key) => key.setId)).size);
    if (tooMany) return tooMany;
    for (const key of keys) await tx.projectKeys.insert(key);
    await recordEvent(ctx, tx, actor, {
      type: 'project.keys_created',
      subject: null,
      data: { set_id: setId, kinds: keys.map(({ kind }) => kind) },
    });
    return undefined;
  });
  await ctx.directory.reload(ctx.project.id);
  return { set: setOf(keys), texts };
}

/** Newest first. */
export async function listProjectKeys(ctx: Context): Promise<readonly ProjectKeySet[]> {
  const bySet = Map.groupBy(await ctx.store.read.projectKeys.list(), ({ setId }) => setId);
  return [...bySet.values()].map(setOf);
}

/** @throws Refusal project_key_not_found */
export async function readProjectKeys(ctx: Context, setId: Id): Promise<ProjectKeySet> {
  const found = (await listProjectKeys(ctx)).find(({ id }) => id === setId);
  if (!found) throw new Refusal('project_key_not_found');
  return found;
}

/** Revoking twice keeps the first time. @throws Refusal project_key_not_found, access_level_insufficient */
export async function updateProjectKeys(
  ctx: Context,
  actor: KeyMaker,
  setId: Id,
  change: { readonly description?: string; readonly revoke?: boolean },
): Promise<ProjectKeySet> {
  await readProjectKeys(ctx, setId);
  await act(ctx, actor, { server: 'admin' }, async (tx) => {
    const now = ctx.clock.now();
    await tx.projectKeys.updateSet(
      setId,
      {
        ...(change.description !== undefined && { description: change.description }),
        ...(change.revoke && { revokedAt: now }),
      },
      now,
    );
    if (!change.revoke) return;
    await recordEvent(ctx, tx, actor, { type: 'project.keys_revoked', subject: null, data: { set_id: setId } });
  });
  await ctx.directory.reload(ctx.project.id);
  return readProjectKeys(ctx, setId);
}

function setOf(keys: readonly ProjectKey[]): ProjectKeySet {
  const [first] = keys as readonly [ProjectKey, ...ProjectKey[]];
  const { setId: id, description, expiresAt, revokedAt } = first;
  return {
    ...{ id, description, expiresAt, revokedAt },
    createdAt: keys.map((key) => key.createdAt).reduce(earlier),
    last4: Object.fromEntries(keys.map(({ kind, last4 }) => [kind, last4])),
  };
}
