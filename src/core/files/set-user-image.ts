import { refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { PersonActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Person, UserChange } from '../users/user.ts';
import { fileUrl } from './file-url.ts';
import type { ImagePurpose } from './image-purpose.ts';
import { confirmImage, keepImage, prepareImage } from './store-image.ts';

export type ImageSlot = 'profile' | 'banner';

interface Slot {
  readonly purpose: ImagePurpose;
  isSet(person: Person): boolean;
  /** A picture is a file or an address elsewhere, never both (core map U6). */
  change(fileId: string | null): UserChange;
}

const slots: { readonly [slot in ImageSlot]: Slot } = {
  profile: {
    purpose: 'user_profile',
    isSet: (person) => person.imageFileId !== null || person.imageUrl !== null,
    change: (imageFileId) => ({ imageFileId, imageUrl: null }),
  },
  banner: {
    purpose: 'user_banner',
    isSet: (person) => person.bannerFileId !== null,
    change: (bannerFileId) => ({ bannerFileId }),
  },
};

/**
 * Gives the actor a picture. What was shown before is no longer, and goes when nobody else shows it.
 * @returns where it is served
 * @throws Refusal file_too_large, file_type_refused, image_unreadable, busy, not_signed_in
 */
export async function setUserImage(
  ctx: Context,
  actor: PersonActor,
  input: { readonly slot: ImageSlot; readonly bytes: Uint8Array },
): Promise<string> {
  const slot = slots[input.slot];
  const { id } = actor.live.user;
  const image = await prepareImage(ctx, slot.purpose, input.bytes);
  await act(ctx, actor, { keys: true }, async (tx) => {
    const person = await tx.users.find(id);
    if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
    await tx.users.update(id, slot.change(await keepImage(tx, image)), ctx.clock.now());
    await recordChange(ctx, tx, actor, person, input.slot);
    return undefined;
  });
  await confirmImage(ctx, image);
  return fileUrl(ctx, `${image.file.namespace}/${image.file.key}`);
}

/**
 * Takes the actor's picture away, ours or an address elsewhere.
 * @throws Refusal image_not_set, not_signed_in
 */
export async function removeUserImage(ctx: Context, actor: PersonActor, name: ImageSlot): Promise<void> {
  const { id } = actor.live.user;
  await act(ctx, actor, { keys: true }, async (tx) => {
    const person = await tx.users.find(id);
    if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
    if (!slots[name].isSet(person)) return refuse('image_not_set');
    await tx.users.update(id, slots[name].change(null), ctx.clock.now());
    await recordChange(ctx, tx, actor, person, name);
    return undefined;
  });
}

const recordChange = (
  ctx: Context,
  tx: Parameters<typeof recordEvent>[1],
  actor: PersonActor,
  person: Person,
  slot: ImageSlot,
): Promise<void> =>
  recordEvent(ctx, tx, actor, {
    type: 'account.image_changed',
    subject: person.id,
    data: { image: slot },
  });
