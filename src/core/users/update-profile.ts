import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { PersonActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { conflictAsRefusal } from './new-person.ts';
import { readDisplayName, readImageUrl, readUsernameDisplay } from './profile-rules.ts';
import type { JsonObject, Person, UserChange } from './user.ts';
import { readNewUsername } from './username-rules.ts';

/** Absent: unchanged. Null: cleared. */
export interface ProfileChange {
  readonly displayName?: string | null;
  readonly imageUrl?: string | null;
  readonly username?: string;
  readonly usernameDisplay?: string;
  /** Merged into what is there. */
  readonly metadataClient?: JsonObject;
}

/**
 * Changes what a person says of themselves.
 * @throws Refusal nothing_to_change, display_name_invalid, image_invalid, username_*, not_signed_in
 */
export async function updateProfile(ctx: Context, actor: PersonActor, input: ProfileChange): Promise<Person> {
  const change = readProfileChange(ctx, actor.live.user, input);
  if (Object.keys(change).length === 0) throw new Refusal('nothing_to_change');
  const { id } = actor.live.user;
  const outcome = await ctx.store
    .transaction(async (tx) => {
      const now = ctx.clock.now();
      const person = await tx.users.find(id);
      if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
      if (change.usernameNormal && (await tx.users.usernameTaken(change.usernameNormal, now, id))) {
        return refuse('username_taken');
      }
      const metadata = input.metadataClient && {
        metadataClient: { ...person.metadataClient, ...input.metadataClient },
      };
      await tx.users.update(id, { ...change, ...metadata }, now);
      await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: id, data: { fields: Object.keys(input) } });
      return (await tx.users.find(id))!;
    })
    .catch(conflictAsRefusal);
  return settle(outcome);
}

/** What a change comes to for this person. An administrator may rename where the person may not. */
export function readProfileChange(
  ctx: Context,
  person: Person,
  input: ProfileChange,
  { mayRename = false }: { readonly mayRename?: boolean } = {},
): UserChange {
  return {
    ...(input.displayName !== undefined && { displayName: readDisplayName(ctx, input.displayName) }),
    ...(input.imageUrl !== undefined && { imageUrl: readImageUrl(input.imageUrl) }),
    ...(input.metadataClient && { metadataClient: { ...person.metadataClient, ...input.metadataClient } }),
    ...readUsernameChange(ctx, person, input, mayRename),
  };
}

function readUsernameChange(ctx: Context, person: Person, input: ProfileChange, mayRename: boolean): UserChange {
  const display = input.usernameDisplay === undefined ? undefined : readUsernameDisplay(input.usernameDisplay);
  if (input.username === undefined) return display === undefined ? {} : { usernameDisplay: display };
  const normal = readNewUsername(ctx, input.username);
  const renames = normal !== person.usernameNormal && person.usernameNormal !== null;
  if (renames && !mayRename && ctx.project.policy.username.immutable) {
    throw new Refusal('username_immutable');
  }
  return { usernameNormal: normal, usernameDisplay: display ?? input.username };
}
