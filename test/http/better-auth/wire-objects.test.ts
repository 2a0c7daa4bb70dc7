import { expect, test } from 'vitest';
import type { Reply } from '../../kit/browser.ts';
import { organizations } from '../../kit/organization.ts';
import { aPerson, signedIn } from '../../kit/people.ts';
import { onOneEngine, password } from '../../kit/stage.ts';
import { everyPlugin } from '../../kit/test-config.ts';
import { appCode } from '../../kit/totp.ts';

type Found = Readonly<Record<string, unknown>>;

/** What tells objects apart, and members that only some answers add to them. */
const kinds: Readonly<Record<string, { readonly is: (found: Found) => boolean; readonly extra?: readonly string[] }>> =
  {
    user: { is: (found) => 'emailVerified' in found },
    session: { is: (found) => 'ipAddress' in found },
    member: { is: (found) => 'role' in found && 'organizationId' in found && 'userId' in found },
    team: { is: (found) => 'name' in found && 'organizationId' in found },
    'team member': { is: (found) => 'teamId' in found && 'userId' in found },
    invitation: {
      is: (found) => 'inviterId' in found,
      extra: ['organizationName', 'organizationSlug', 'inviterEmail'],
    },
    organization: { is: (found) => 'slug' in found, extra: ['members', 'invitations', 'teams'] },
  };

onOneEngine(
  'An object looks the same wherever it is shown',
  { betterAuth: everyPlugin, policy: { 'organizations.teams': true } },
  (stage) => {
    const org = organizations(stage);

    test('key sets of every answer', async () => {
      const seen = new Map<string, Map<string, string[]>>();
      function look(where: string, value: unknown): void {
        if (Array.isArray(value)) for (const item of value) look(where, item);
        else if (typeof value === 'object' && value !== null) {
          const kind = Object.entries(kinds).find(([, { is }]) => is(value as Found));
          if (kind)
            note(
              where,
              kind[0],
              Object.keys(value).filter((key) => !kind[1].extra?.includes(key)),
            );
          for (const inner of Object.values(value)) look(where, inner);
        }
      }
      function note(where: string, kind: string, keys: readonly string[]): void {
        const sets = seen.get(kind) ?? new Map<string, string[]>();
        const set = [...keys].sort().join();
        sets.set(set, [...(sets.get(set) ?? []), where]);
        seen.set(kind, sets);
      }
      const read = async (asked: Promise<Reply>, where: string) => {
        const reply = await asked;
        expect([where, reply.status]).toEqual([where, 200]);
        look(where, reply.body);
        return reply.body;
      };

      const organization = await org.found();
      const { browser, email, id } = organization.owner;
      const of = `organizationId=${organization.id}`;
      const get = (path: string) => read(browser.get(path), `GET ${path.split('?')[0]}`);
      const post = (path: string, body: object = {}) => read(browser.post(path, body), `POST ${path}`);

      await read(stage.browser().post('/sign-up/email', { email: stage.address(), password, name: 'B' }), 'sign-up');
      await read(stage.browser().post('/sign-in/email', { email, password }), 'sign-in');
      await get('/get-session');
      await get('/list-sessions');
      await post('/organization/create', { name: 'Second', slug: org.slug() });
      await post('/organization/update', { organizationId: organization.id, data: { name: 'Renamed' } });
      await post('/organization/set-active', { organizationId: organization.id });
      const team = await post('/organization/create-team', { name: 'Team' });
      await post('/organization/update-team', { teamId: team.id, data: { name: 'Team 2' } });
      await post('/organization/add-team-member', { teamId: team.id, userId: id });
      await post('/organization/set-active-team', { teamId: team.id });
      await get('/get-session');
      await get('/organization/list-teams');
      await get('/organization/list-user-teams');
      await get('/organization/list-team-members');
      const guest = await stage.member({ verified: true });
      const invitation = await post('/organization/invite-member', { email: guest.email, role: [] });
      expect(invitation.role).toBe('member');
      await read(guest.browser.get(`/organization/get-invitation?id=${invitation.id}`), 'get-invitation');
      await read(guest.browser.get('/organization/list-user-invitations'), 'list-user-invitations');
      await get(`/organization/list-invitations?${of}`);
      const accepting = guest.browser.post('/organization/accept-invitation', { invitationId: invitation.id });
      const { member } = await read(accepting, 'accept-invitation');
      await get(`/organization/get-full-organization?${of}`);
      await get(`/organization/get-organization?${of}`);
      await get('/organization/list');
      await get('/organization/list-members');
      await get('/organization/get-active-member');
      await post('/organization/update-member-role', { memberId: member.id, role: 'admin' });
      const leaver = await org.join(organization);
      const leaving = leaver.browser.post('/organization/leave', { organizationId: organization.id });
      await read(leaving, 'leave');
      const removed = await post('/organization/remove-member', { memberIdOrEmail: member.id });
      expect(removed.member.user.email).toBe(guest.email);

      const { token } = await get('/one-time-token/generate');
      await read(stage.browser().post('/one-time-token/verify', { token }), 'one-time-token/verify');
      await get('/multi-session/list-device-sessions');
      await read(stage.browser().post('/sign-in/anonymous', {}), 'sign-in/anonymous');
      await browser.post('/sign-in/magic-link', { email });
      const link = new URL((await stage.world.mail(email)).links[0]!);
      await get(`/magic-link/verify?token=${link.searchParams.get('token')}`);
      await aPerson(stage.world, { email: 'admin@example.com', roles: ['admin'] });
      const admin = await signedIn(stage.world, 'admin@example.com');
      await read(admin.get('/admin/list-users'), 'list-users');
      await read(admin.get(`/admin/get-user?id=${id}`), 'get-user');
      await read(admin.post('/admin/list-user-sessions', { userId: id }), 'list-user-sessions');
      await read(admin.post('/admin/set-role', { userId: guest.id, role: 'user' }), 'set-role');
      await read(admin.post('/admin/impersonate-user', { userId: id }), 'impersonate-user');
      await read(admin.post('/admin/stop-impersonating', {}), 'stop-impersonating');
      const { totpURI } = await post('/two-factor/enable', { password });
      await post('/two-factor/verify-totp', { code: appCode(stage.world.clock, totpURI) });

      for (const kind of Object.keys(kinds)) {
        expect([kind, [...(seen.get(kind)?.entries() ?? [])].map(([keys, places]) => `${keys} at ${places}`)]).toEqual([
          kind,
          [expect.any(String)],
        ]);
      }
    });

    test('teams count their members', async () => {
      const { owner, id } = await org.found();
      await owner.browser.post('/organization/set-active', { organizationId: id });
      const team = (await owner.browser.post('/organization/create-team', { name: 'Team' })).body;
      expect(team.memberCount).toBe(0);
      await owner.browser.post('/organization/add-team-member', { teamId: team.id, userId: owner.id });
      const { teams } = (await owner.browser.get('/organization/get-full-organization')).body;
      expect(teams.find((one: { id: string }) => one.id === team.id).memberCount).toBe(1);
    });
  },
);
