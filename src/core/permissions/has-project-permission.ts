import { Refusal } from '../../base/refusal.ts';
import type { PersonActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { admitAdmin, mayAll } from './project-rights.ts';

/** Does one of the actor's roles allow all of this? @throws Refusal not_signed_in */
export async function hasProjectPermission(
  ctx: Context,
  actor: PersonActor,
  permissions: readonly string[],
): Promise<boolean> {
  const rights = await admitAdmin(ctx, ctx.store.read, actor, []);
  if (rights instanceof Refusal) throw rights;
  return mayAll(rights, permissions);
}
