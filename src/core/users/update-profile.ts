import { type JsonObject, membersOf } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { usernameNormal } from '../../base/username-form.ts';
import { act } from '../acting.ts';
import type { PersonActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { imageUrlOf } from '../files/file-url.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import { readMetadata } from '../metadata.ts';
import { conflictAsRefusal } from './conflict-as-refusal.ts';
import { readBio, readDisplayName, readImageUrl, readUsernameDisplay } from './profile-rules.ts';
import { syntheticUsername } from './synthetic-username.ts';
import type { Person, UserChange } from './user.ts';
import { readNewUsername } from './username-rules.ts';

/** Absent: unchanged. Null: cleared. */
export interface ProfileChange {
  readonly displayName?: string | null;
  readonly imageUrl?: string | null;
  /** In place of an address. */
  readonly image?: ImageSource;
  readonly bio?: string | null;
  readonly username?: string | null;
  readonly usernameDisplay?: string | null;
  /** Merged into what is there. */
  readonly metadataClient?: JsonObject;
}

/**
 * Changes what a person says of themselves. Written where profiles are for everybody, theirs is from then on.
 * Another username than the one that signs in is a change of credentials, which no key makes.
 * @throws Refusal nothing_to_change, metadata_too_large, display_name_invalid, image_invalid, bio_invalid, username_*, not_signed_in,
 *   session_not_fresh, impersonated_session, api_key_cannot_act
 */
export async function updateProfile(ctx: Context, actor: PersonActor, input: ProfileChange): Promise<Person> {
  const change = readProfileChange(ctx, actor.live.user, input);
  if (Object.keys(change).length === 0 && !input.image) throw new Refusal('nothing_to_change');
  const { id } = actor.live.user;
  const picture = input.image && (await prepareSource(ctx, 'user_profile', input.image));
  const outcome = await act(ctx, actor, { keys: true }, async (tx, me) => {
    const now = ctx.clock.now();
    const person = await tx.users.find(id);
    if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
    const renames = change.usernameNormal !== undefined && change.usernameNormal !== person.usernameNormal;
    const unproven =
      renames && me.refuseChange(person.usernameNormal === null ? 'username_chosen' : 'username_changed');
    if (unproven) return unproven;
    if (change.usernameNormal && (await tx.users.usernameTaken(change.usernameNormal, now, id))) {
      return refuse('username_taken');
    }
    const metadata = mergedMetadata(person, input.metadataClient);
    const published = ctx.surface.publishesProfiles ? { profilePublic: true } : {};
    await tx.users.update(id, { ...change, ...(picture && (await picture.keep(tx))), ...metadata, ...published }, now);
    await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: id, data: { fields: Object.keys(input) } });
    return (await tx.users.find(id))!;
  }).catch(conflictAsRefusal);
  const person = settle(outcome);
  if (picture) await picture.confirm();
  return person;
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
    ...(input.imageUrl !== undefined && readImageChange(ctx, person, input.imageUrl)),
    ...(input.bio !== undefined && { bio: readBio(input.bio) }),
    ...mergedMetadata(person, input.metadataClient),
    ...readUsernameChange(ctx, person, input, mayRename),
  };
}

const mergedMetadata = (person: Person, added: JsonObject | undefined): Pick<UserChange, 'metadataClient'> =>
  added ? { metadataClient: readMetadata('metadataClient', { ...membersOf(person.metadataClient), ...added }) } : {};

/** An address replaces a file of ours. The file's own address, read and sent back, changes nothing. */
function readImageChange(ctx: Context, person: Person, text: string | null): UserChange {
  const imageUrl = readImageUrl(text);
  if (imageUrl !== null && imageUrl === imageUrlOf(ctx, person)) return { imageUrl: person.imageUrl };
  return { imageUrl, imageFileId: null };
}

function readUsernameChange(ctx: Context, person: Person, input: ProfileChange, mayRename: boolean): UserChange {
  const { usernameDisplay } = input;
  const display = usernameDisplay == null ? usernameDisplay : readUsernameDisplay(usernameDisplay);
  if (input.username === undefined) return display === undefined ? {} : { usernameDisplay: display };
  const immutable = ctx.project.policy.username.immutable && !mayRename;
  if (input.username === null) {
    if (immutable && person.usernameNormal !== null) throw new Refusal('username_immutable');
    return { usernameNormal: null, usernameDisplay: display ?? null };
  }
  // What the server shows as somebody's own is no choice: it may come back as it is, whatever today's rules say.
  const shown = usernameNormal(input.username);
  if (person.usernameNormal === null && shown === syntheticUsername(person.id)) return {};
  const normal = shown === person.usernameNormal ? shown : readNewUsername(ctx, input.username);
  const renames = normal !== person.usernameNormal && person.usernameNormal !== null;
  if (renames && immutable) throw new Refusal('username_immutable');
  return { usernameNormal: normal, usernameDisplay: display ?? spelled(person, input.username) };
}

/** What only spells the old username follows the new one; a chosen name stays. */
function spelled({ usernameNormal: old, usernameDisplay: shown }: Person, typed: string): string {
  return shown === null || usernameNormal(shown) === old ? typed : shown;
}
