import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { admitSubject, subjectOf } from '../users/subject.ts';
import { type NotificationCategory, notificationCategories } from './categories.ts';

export interface PreferenceReads {
  /** What the person decided, by category. */
  listOf(userId: Id): Promise<ReadonlyMap<Id, boolean>>;
}

export interface PreferenceWrites {
  set(userId: Id, categoryId: Id, enabled: boolean, now: Instant): Promise<void>;
}

export interface Preference {
  readonly category: NotificationCategory;
  /** True until the person says otherwise. */
  readonly enabled: boolean;
}

/** @throws Refusal self_only, user_not_found */
export async function listPreferences(
  ctx: Context,
  actor: UserActor | ServerActor,
  userId: Id,
): Promise<readonly Preference[]> {
  const { read } = ctx.store;
  settle(await admitSubject(read, actor, userId));
  const decided = await read.preferences.listOf(userId);
  return notificationCategories.map((category) => ({ category, enabled: decided.get(category.id) ?? true }));
}

/**
 * A decision about mail that cannot be switched off is kept too, and has no effect (hexclave spec §2.11).
 * @throws Refusal self_only, user_not_found, category_not_found
 */
export async function setPreference(
  ctx: Context,
  actor: UserActor | ServerActor,
  input: { readonly userId: Id; readonly categoryId: Id; readonly enabled: boolean },
): Promise<Preference> {
  const { userId, categoryId, enabled } = input;
  return act(ctx, actor, {}, async (tx, me) => {
    const person = await subjectOf(tx, me, userId);
    if (person instanceof Refusal) return person;
    const category = notificationCategories.find(({ id }) => id === categoryId);
    if (!category) return refuse('category_not_found');
    await tx.preferences.set(userId, categoryId, enabled, ctx.clock.now());
    await recordEvent(ctx, tx, actor, {
      type: 'account.updated',
      subject: userId,
      data: { fields: ['notifications'], category: category.name, enabled },
    });
    return { category, enabled };
  });
}
