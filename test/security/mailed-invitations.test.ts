import { expect, test } from 'vitest';
import { systemActor } from '../../src/core/actor.ts';
import { deleteUserByAdmin } from '../../src/core/users/delete-user.ts';
import type { Browser } from '../kit/browser.ts';
import { type Member, onOneEngine, type Stage, tokenIn } from '../kit/stage.ts';

const newest = async (stage: Stage, to: string) => (await stage.world.mail(to)).links[0]!;
const cli = (stage: Stage) => stage.world.app.mainProject.context('cli');

onOneEngine('Mailed invitations', { contract: false }, (stage) => {
  test('opening one joins nobody; a dead one says whom to ask', async () => {
    const { browser } = await stage.member();
    const { body } = await browser.post('/organization/create', { name: 'Acme', slug: 'acme' });
    const guest = await stage.member();
    await browser.post('/organization/invite-member', {
      ...{ email: guest.email, role: 'member', organizationId: body.id },
    });
    const link = await newest(stage, guest.email);
    expect((await guest.browser.visit(link)).status).toBe(200);
    expect((await guest.browser.visit(link, 'HEAD')).status).toBe(200);
    expect((await guest.browser.get('/organization/list')).body).toEqual([]);
    const dead = await guest.browser.visit(`${stage.world.url}/-/invitation?code=${'0'.repeat(45)}`);
    expect([dead.status, dead.text.includes('Ask whoever invited you')]).toEqual([400, true]);
  });

  const ends = {
    'the inviter was removed': {
      stands: true,
      happen: ({ owner, inviter, organizationId }: Cast) =>
        owner.browser.post('/organization/remove-member', { memberIdOrEmail: inviter.email, organizationId }),
    },
    'the inviter is gone': {
      stands: true,
      happen: ({ inviter }: Cast) => deleteUserByAdmin(cli(stage), systemActor, inviter.id),
    },
    'the organization was deleted': {
      stands: false,
      happen: ({ owner, organizationId }: Cast) => owner.browser.post('/organization/delete', { organizationId }),
    },
  };
  interface Cast {
    readonly owner: Member;
    readonly inviter: Member;
    readonly organizationId: string;
  }
  for (const [event, { stands, happen }] of Object.entries(ends)) {
    test(`${event}: the invitation ${stands ? 'is the organization’s, and stands' : 'is dead, and its page says so'}`, async () => {
      const owner = await stage.member();
      const inviter = await stage.member({ verified: true });
      const guest = await stage.member();
      const made = await owner.browser.post('/organization/create', { name: 'Acme', slug: `acme-${owner.id}` });
      const organizationId = made.body.id;
      const invite = (by: Browser, email: string, role: string) =>
        by.post('/organization/invite-member', { email, role, organizationId });
      const first = await invite(owner.browser, inviter.email, 'admin');
      expect(
        (await inviter.browser.post('/organization/accept-invitation', { invitationId: first.body.id })).status,
      ).toBe(200);
      const { body } = await invite(inviter.browser, guest.email, 'member');
      const link = await newest(stage, guest.email);
      const accept = (invitationId: string) => guest.browser.post('/organization/accept-invitation', { invitationId });
      // The id is in lists: whoever has not proven the address needs the code of the mail.
      expect((await accept(body.id)).status).toBe(403);
      await happen({ owner, inviter, organizationId });

      const page = await guest.browser.visit(link);
      expect([page.status, page.text.includes('Ask whoever invited you')]).toEqual([stands ? 200 : 400, !stands]);
      expect((await accept(tokenIn(link))).status).toBe(stands ? 200 : 400);
      expect((await guest.browser.get('/organization/list')).body).toHaveLength(stands ? 1 : 0);
    });
  }
});
