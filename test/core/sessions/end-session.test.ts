import { expect, test } from 'vitest';
import type { UserActor } from '../../../src/core/actor.ts';
import { endAllSessions, endOtherSessions, endSessionByHandle } from '../../../src/core/sessions/end-session.ts';
import { openSessionForUser } from '../../../src/core/sessions/open-session-for-user.ts';
import { onOneEngine, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';
import { aServer } from '../../kit/servers.ts';

onOneEngine('A session that was opened in somebody’s name', {}, (world) => {
  test('ends itself, and none of the person’s own', async () => {
    const ctx = world.context('hexclave');
    const person = await world.person();
    const own = await world.signIn(person);
    const asked = { userId: person.id, lifeSeconds: 3600, impersonation: true };
    const { live } = await openSessionForUser(ctx, aServer(), asked);
    const actor: UserActor = { kind: 'user', from: stranger.from, live };
    const ends = [
      () => endSessionByHandle(ctx, actor, own.actor.live.session.id),
      () => endSessionByHandle(ctx, actor, own.token),
      () => endOtherSessions(ctx, actor),
      () => endAllSessions(ctx, actor),
    ];
    for (const end of ends) expect(await outcomeOf(end())).toBe('impersonated_session');
    expect(await ctx.store.read.sessions.find(own.actor.live.session.id)).not.toBeNull();
    expect(await outcomeOf(endSessionByHandle(ctx, actor, live.session.id))).toBe('ok');
    expect(await ctx.store.read.sessions.find(live.session.id)).toBeNull();
  });
});
