import { expect, test } from 'vitest';
import { organizations } from '../../kit/organization.ts';
import { type Member, onEveryEngine } from '../../kit/stage.ts';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const won = (replies: readonly { readonly status: number }[]) => replies.filter(({ status }) => status === 200).length;

onEveryEngine('Organizations in a hurry', { policy: { 'organizations.membershipLimit': 4 } }, (stage) => {
  const org = organizations(stage);

  test('of fifty acceptances of one invitation one wins, and there is one member more', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const { id } = await org.invite(organization, guest.email);
    const code = await stage.mailedToken(guest.email);
    const replies = await Promise.all(
      times(50, (i) =>
        guest.browser.post('/organization/accept-invitation', { invitationId: i % 2 === 0 ? id : code }),
      ),
    );
    expect(won(replies)).toBe(1);
    expect(Object.keys(await org.roles(organization))).toHaveLength(2);
    const events = await stage.world.eventTypes(guest.id);
    expect(events.filter((type) => type === 'organization.member_added')).toHaveLength(1);
  });

  test('of accepting, rejecting and canceling at once one wins', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const { id: invitationId } = await org.invite(organization, guest.email);
    const replies = await Promise.all([
      guest.browser.post('/organization/accept-invitation', { invitationId }),
      guest.browser.post('/organization/reject-invitation', { invitationId }),
      organization.owner.browser.post('/organization/cancel-invitation', { invitationId }),
    ]);
    expect(won(replies)).toBe(1);
    const joined = Object.keys(await org.roles(organization)).includes(guest.id);
    expect(joined).toBe(replies[0]!.status === 200);
  });

  test('of two owners who go at once one stays: by leaving, by stepping down, by removing each other', async () => {
    for (const go of ['leave', 'step down', 'remove'] as const) {
      const organization = await org.found();
      const other = await org.join(organization, 'owner');
      const witness = await org.join(organization);
      const pair = [organization.owner, other];
      const replies = await Promise.all(
        pair.map((who, i) => {
          if (go === 'leave') return who.browser.post('/organization/leave', { organizationId: organization.id });
          if (go === 'remove') {
            return who.browser.post('/organization/remove-member', { memberIdOrEmail: pair[1 - i]!.memberId });
          }
          return who.browser.post('/organization/update-member-role', { memberId: who.memberId, role: 'member' });
        }),
      );
      expect(won(replies)).toBe(1);
      const { body } = await witness.browser.get('/organization/list-members');
      const owners = body.members.filter(({ role }: { role: string }) => role === 'owner');
      expect(owners).toHaveLength(1);
    }
  });

  test('a full organization takes no more, however many accept at once', async () => {
    const organization = await org.found();
    const guests: Member[] = [];
    const invited: string[] = [];
    for (const _ of times(8, (i) => i)) {
      const guest = await stage.member({ verified: true });
      guests.push(guest);
      invited.push((await org.invite(organization, guest.email)).id);
    }
    const replies = await Promise.all(
      guests.map(({ browser }, i) => browser.post('/organization/accept-invitation', { invitationId: invited[i] })),
    );
    expect(won(replies)).toBe(3);
    expect(Object.keys(await org.roles(organization))).toHaveLength(4);
  });

  test('of ten organizations with one slug one is made', async () => {
    const slug = org.slug();
    const people = await Promise.all(times(10, () => stage.member()));
    const replies = await Promise.all(
      people.map(({ browser }) => browser.post('/organization/create', { name: 'X', slug })),
    );
    expect(won(replies)).toBe(1);
    for (const reply of replies) {
      if (reply.status !== 200) expect(reply.body.code).toBe('ORGANIZATION_ALREADY_EXISTS');
    }
  });

  test('whoever is removed while they choose the organization does not work in it afterwards', async () => {
    for (const _ of times(5, (i) => i)) {
      const organization = await org.found();
      const member = await org.join(organization);
      await Promise.all([
        member.browser.post('/organization/set-active', { organizationId: organization.id }),
        organization.owner.browser.post('/organization/remove-member', { memberIdOrEmail: member.memberId }),
        member.browser.post('/organization/set-active', { organizationId: organization.id }),
      ]);
      expect((await org.active(member.browser)).organization).toBeNull();
    }
  });
});
