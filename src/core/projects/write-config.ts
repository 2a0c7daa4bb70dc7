import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { ServerActor, SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { refuseUnknownStart } from '../permissions/starting-permissions.ts';
import type { Reads, Tx } from '../store.ts';
import { refuseProjectName } from './check-project-name.ts';
import {
  type ConfigLevel,
  type ConfigOverrides,
  levelSecretName,
  type ProjectChange,
  secretPlace,
} from './project-record.ts';
import { reachesLevel } from './server-level.ts';

/** Of one level as JSON: what the project, and nobody else, has in memory. */
const mostBytes = 200_000;

/** Paths whose values only the server itself may read again. */
const secretPath = /^(?:auth\.oauth\.providers\.[^.]+\.clientSecret|emails\.server\.(?:password|resendApiKey))$/;

/** A server may read and write the level `branch`; everything else is an administrator's. @throws Refusal self_only */
function checkLevel(actor: ServerActor | SystemActor, level: ConfigLevel): void {
  if (actor.kind === 'server' && level !== 'branch' && !reachesLevel(actor, 'admin')) {
    throw new Refusal('self_only', { field: 'level', given: level });
  }
}

/** A level as it stands, secrets included. @throws Refusal self_only */
export async function readOwnLevel(ctx: Context, actor: ServerActor, level: ConfigLevel): Promise<ConfigOverrides> {
  checkLevel(actor, level);
  return readLevel(ctx, level, ctx.store.read);
}

/** The same for whoever was let in already. */
export async function readLevel(
  ctx: Context,
  level: ConfigLevel,
  reads: Pick<Reads, 'project'>,
): Promise<ConfigOverrides> {
  const overrides = (await reads.project.overrides())[level];
  const sealed = (await reads.project.secrets()).get(levelSecretName(level));
  if (!sealed) return overrides;
  const place = secretPlace(ctx.project.id, levelSecretName(level));
  return { ...overrides, ...JSON.parse(ctx.vault.open(place, sealed)) };
}

async function writeLevel(ctx: Context, tx: Tx, level: ConfigLevel, overrides: ConfigOverrides): Promise<void> {
  const now = ctx.clock.now();
  const isSecret = ([path, value]: [string, unknown]) => secretPath.test(path) && value !== null;
  const all = Object.entries(overrides);
  const secrets = Object.fromEntries(all.filter(isSecret));
  await tx.project.setOverrides(level, Object.fromEntries(all.filter((entry) => !isSecret(entry))), now);
  const name = levelSecretName(level);
  const none = Object.keys(secrets).length === 0;
  const sealed = none ? null : ctx.vault.seal(secretPlace(ctx.project.id, name), JSON.stringify(secrets));
  await tx.project.setSecret(name, sealed, now);
}

/**
 * Changes the project and one level of its configuration together. It holds from the next request on, and within a
 * second on other nodes.
 * @param input.overrides from what the level holds to what it shall hold; already checked
 * @throws Refusal access_level_insufficient, self_only, input_invalid (the name), config_rejected with what is wrong as `given`, role_not_found
 *   for a permission that people shall start with and that is none
 */
export async function updateProject(
  ctx: Context,
  actor: ServerActor | SystemActor,
  input: {
    readonly change?: ProjectChange;
    readonly level?: ConfigLevel;
    readonly overrides?: (held: ConfigOverrides) => ConfigOverrides;
  },
): Promise<void> {
  const { change, overrides, level = 'environment' } = input;
  if (overrides) checkLevel(actor, level);
  await act(ctx, actor, { server: change === undefined ? 'server' : 'admin' }, async (tx) => {
    // Two who write one level would otherwise lose what the other wrote.
    if (overrides) await tx.grants.takeTurn();
    const held = overrides && (await readLevel(ctx, level, tx));
    const next = held && overrides(held);
    if (next) {
      const refused = refuseLevel(level, held, next);
      if (refused) return refused;
      await writeLevel(ctx, tx, level, next);
      const rehearsed = await ctx.directory.rehearse(ctx.project.id, tx);
      // Thrown, not returned: what could not be read again is not written.
      if (rehearsed?.problem != null) throw new Refusal('config_rejected', { given: rehearsed.problem });
      const unknown = rehearsed && (await refuseUnknownStart(tx, ctx.project.policy, rehearsed.policy));
      if (unknown) throw unknown;
    }
    const misnamed = refuseProjectName(change?.displayName);
    if (misnamed) throw misnamed;
    if (change) await tx.project.update(change, ctx.clock.now());
    await recordEvent(ctx, tx, actor, {
      type: 'project.updated',
      subject: null,
      // Names of what changed, never values: some are secrets (rule 36).
      data: { changed: [...Object.keys(change ?? {}), ...(next ? changedPaths(held ?? {}, next) : [])].slice(0, 100) },
    });
    return undefined;
  });
  await ctx.directory.reload(ctx.project.id);
}

/** @returns config_rejected for JSON that no level could hold: before anybody looks at what it says */
export const refuseLevelSize = (json: string): Refusal | null =>
  Buffer.byteLength(json) > mostBytes
    ? refuse('config_rejected', { given: `A level holds ${mostBytes} bytes of JSON at most.` })
    : null;

/** @returns config_rejected for a level that is too large, and for a secret where others than administrators read */
function refuseLevel(level: ConfigLevel, held: ConfigOverrides, next: ConfigOverrides): Refusal | null {
  const tooLarge = refuseLevelSize(JSON.stringify(next));
  if (tooLarge) return tooLarge;
  const isNew = (path: string): boolean => next[path] !== null && next[path] !== held[path];
  const misplaced =
    level === 'environment' ? undefined : Object.keys(next).find((path) => secretPath.test(path) && isNew(path));
  if (misplaced === undefined) return null;
  return refuse('config_rejected', {
    given: `${misplaced} is a secret. Secrets belong to the level "environment", which only administrators read.`,
  });
}

const changedPaths = (held: ConfigOverrides, next: ConfigOverrides): string[] =>
  [...new Set([...Object.keys(held), ...Object.keys(next)])].filter(
    (path) => JSON.stringify(held[path]) !== JSON.stringify(next[path]),
  );
