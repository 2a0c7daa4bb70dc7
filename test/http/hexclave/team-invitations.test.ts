import { expect, it } from 'vitest';
import { days } from '../../../src/base/clock.ts';
import { type HexclaveProject, hexclaveOnEveryEngine, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { foundTeam, grant, joinTeam, outcome, revoke, verify } from '../../kit/hexclave-teams.ts';

const open = { 'teams.allowClientTeamCreation': true };
const unknown = '01890000-0000-7000-8000-000000000000';
const callback = 'http://localhost:3000/handler/team-invitation?from=mail';

const invite = (project: HexclaveProject, team_id: string, email: string, token?: string, callback_url = callback) =>
  project.request('POST /team-invitations/send-code', {
    body: { team_id, email, callback_url },
    ...(token === undefined ? { access: 'server' as const } : { token }),
  });

/** The code of the newest mail to the address. */
async function mailedCode(project: HexclaveProject, email: string): Promise<string> {
  const [mail] = await project.mails(email);
  const link = new URL(mail!.links[0]!);
  expect(link.searchParams.get('from')).toBe('mail');
  return link.searchParams.get('code')!;
}

const accept = (project: HexclaveProject, code: string, token?: string, more = '') =>
  project.request(`POST /team-invitations/accept${more}` as `POST /${string}`, {
    body: { code },
    ...(token !== undefined && { token }),
  });

hexclaveOnOneEngine('Sending team invitations (spec §2.12, §3.11)', {}, (stage) => {
  it('mails a link to the caller’s page, and lists the invitation', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const { access_token: token } = team.owner;
    const email = stage.address();
    const sent = await invite(project, team.id, email, token);
    expect(sent.body).toEqual({ success: true, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const [mail] = await project.mails(email);
    expect(mail!.subject).toBe('You have been invited to join Orchard');
    expect(mail!.links[0]).toMatch(/^http:\/\/localhost:3000\/handler\/team-invitation\?from=mail&code=[0-9a-z]{45}$/);
    expect(mail!.text).toContain(mail!.links[0]);
    const listed = await project.request(`GET /team-invitations?team_id=${team.id}`, { token });
    expect(listed.body).toEqual({
      items: [
        {
          id: sent.body.id,
          team_id: team.id,
          team_display_name: 'Orchard',
          expires_at_millis: stage.world.clock.now() + days(7),
          recipient_email: email,
        },
      ],
      is_paginated: false,
    });
  });

  it('again makes another one beside it: both codes are good', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    const first = await invite(project, team.id, guest.email);
    const code = await mailedCode(project, guest.email);
    const second = await invite(project, team.id, guest.email);
    expect(second.body.id).not.toBe(first.body.id);
    const listed = await project.request(`GET /team-invitations?team_id=${team.id}`, { access: 'server' });
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([first.body.id, second.body.id]);
    const newer = await mailedCode(project, guest.email);
    expect((await accept(project, code, guest.access_token)).body).toEqual({});
    // A member already: nothing against it.
    expect((await accept(project, newer, guest.access_token)).body).toEqual({});
    expect(outcome(await accept(project, newer, guest.access_token))).toEqual([409, 'VERIFICATION_CODE_ALREADY_USED']);
  });

  it('needs membership and the right, then a trusted address', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const stranger = await project.signUp();
    const to = stage.address();
    expect(
      outcome(
        await project.request('POST /team-invitations/send-code', {
          body: { team_id: team.id, email: to, callback_url: callback },
        }),
      ),
    ).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
    expect(outcome(await invite(project, team.id, to, stranger.access_token))).toEqual([
      404,
      'TEAM_MEMBERSHIP_NOT_FOUND',
    ]);
    await revoke(project, team.id, member.user_id, 'team_member');
    const denied = await invite(project, team.id, to, member.access_token, 'https://evil.example/');
    expect(denied.body.details).toEqual({
      team_id: team.id,
      user_id: member.user_id,
      permission_id: '$invite_members',
    });
    expect(outcome(denied)).toEqual([401, 'TEAM_PERMISSION_REQUIRED']);
    await grant(project, team.id, member.user_id, '$invite_members');
    expect(outcome(await invite(project, team.id, to, member.access_token, 'https://evil.example/'))).toEqual([
      400,
      'REDIRECT_URL_NOT_WHITELISTED',
    ]);
    expect(await project.mails(to)).toEqual([]);
    expect((await invite(project, team.id, to, member.access_token)).status).toBe(200);
    expect(outcome(await invite(project, unknown, to))).toEqual([404, 'TEAM_NOT_FOUND']);
    expect((await invite(project, team.id, 'nonsense')).body.error).toContain('body.email must be a valid email');
    expect(outcome(await invite(project, team.id, team.owner.email))).toEqual([409, 'TEAM_MEMBERSHIP_ALREADY_EXISTS']);
  });
});

hexclaveOnOneEngine('Listing and revoking team invitations (spec §2.12)', {}, (stage) => {
  it('lists those of a team to whoever may read members and invite', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const list = (token?: string, query = `team_id=${team.id}`) =>
      project.request(`GET /team-invitations?${query}`, token === undefined ? {} : { token });
    await revoke(project, team.id, member.user_id, 'team_member');
    expect((await list(member.access_token)).body.details.permission_id).toBe('$read_members');
    await grant(project, team.id, member.user_id, '$read_members');
    expect((await list(member.access_token)).body.details.permission_id).toBe('$invite_members');
    await grant(project, team.id, member.user_id, '$invite_members');
    expect((await list(member.access_token)).body.items).toEqual([]);
    expect(outcome(await list())).toEqual([400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
    const stranger = await project.signUp();
    expect(outcome(await list(stranger.access_token))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
    expect(outcome(await list(member.access_token, `team_id=${team.id}&user_id=me`))).toEqual([
      400,
      'Cannot specify both team_id and user_id',
    ]);
    const neither = await project.request('GET /team-invitations', { access: 'server' });
    expect(outcome(neither)).toEqual([400, 'Must specify either team_id or user_id']);
  });

  it('lists those to a user by verified addresses only, to that user and to servers', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    const { body } = await invite(project, team.id, guest.email.toUpperCase());
    const mine = () => project.request('GET /team-invitations?user_id=me', { token: guest.access_token });
    expect((await mine()).body.items).toEqual([]);
    await verify(project, guest.user_id);
    expect((await mine()).body.items).toEqual([expect.objectContaining({ id: body.id, team_id: team.id })]);
    const server = await project.request(`GET /team-invitations?user_id=${guest.user_id}`, { access: 'server' });
    expect(server.body.items).toHaveLength(1);
    const other = await project.request(`GET /team-invitations?user_id=${guest.user_id}`, {
      token: team.owner.access_token,
    });
    expect(outcome(other)).toEqual([400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
  });

  it('is taken back by whoever may remove members; the code is unknown from then on', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const elsewhere = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const guest = await project.signUp();
    const { id } = (await invite(project, team.id, guest.email)).body;
    const code = await mailedCode(project, guest.email);
    const remove = (query: string, token: string, of = id) =>
      project.request(`DELETE /team-invitations/${of}${query}`, { token });
    expect(outcome(await remove('', team.owner.access_token))).toEqual([
      400,
      'team_id is required for deleting a team invitation',
    ]);
    const denied = await remove(`?team_id=${team.id}`, member.access_token);
    expect(denied.body.details.permission_id).toBe('$remove_members');
    // Named with another team, it is that team's right that counts, and there it is unknown.
    expect(outcome(await remove(`?team_id=${elsewhere.id}`, elsewhere.owner.access_token))).toEqual([
      404,
      'VERIFICATION_CODE_NOT_FOUND',
    ]);
    expect(outcome(await remove(`?team_id=${team.id}`, team.owner.access_token, unknown))).toEqual([
      404,
      'VERIFICATION_CODE_NOT_FOUND',
    ]);
    expect((await remove(`?team_id=${team.id}`, team.owner.access_token)).body).toEqual({ success: true });
    expect(outcome(await accept(project, code, guest.access_token))).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
    const listed = await project.request(`GET /team-invitations?team_id=${team.id}`, { access: 'server' });
    expect(listed.body.items).toEqual([]);
  });
});

hexclaveOnEveryEngine('Accepting team invitations (spec §2.12)', {}, (stage) => {
  it('by the mailed code proves the address, and brings what members get', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    await invite(project, team.id, guest.email);
    const code = await mailedCode(project, guest.email);
    expect((await accept(project, code, undefined, '/check-code')).body).toEqual({ is_code_valid: true });
    expect((await accept(project, code, guest.access_token, '/details')).body).toEqual({
      team_id: team.id,
      team_display_name: 'Orchard',
    });
    // In upper case, as some mailers make of it.
    const accepted = await accept(project, code.toUpperCase(), guest.access_token);
    expect([accepted.status, accepted.body]).toEqual([200, {}]);
    const rights = await project.request('GET /team-permissions?user_id=me', { token: guest.access_token });
    expect(rights.body.items).toEqual([{ id: 'team_member', user_id: guest.user_id, team_id: team.id }]);
    const me = await project.request('GET /users/me', { token: guest.access_token });
    expect(me.body.primary_email_verified).toBe(true);
    for (const more of ['', '/check-code', '/details'])
      expect(outcome(await accept(project, code, guest.access_token, more))).toEqual([
        409,
        'VERIFICATION_CODE_ALREADY_USED',
      ]);
  });

  it('is refused to whoever is not signed in, has another address, or comes late', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const [guest, other] = [await project.signUp(), await project.signUp()];
    await invite(project, team.id, guest.email);
    const code = await mailedCode(project, guest.email);
    for (const more of ['', '/details']) {
      expect(outcome(await accept(project, code, undefined, more))).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
      expect(outcome(await accept(project, code, other.access_token, more))).toEqual([
        403,
        'TEAM_INVITATION_EMAIL_MISMATCH',
      ]);
    }
    const wrong = '0'.repeat(45);
    expect(outcome(await accept(project, wrong, guest.access_token))).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
    expect((await accept(project, 'short', guest.access_token)).body.error).toContain(
      'body.code must be exactly 45 characters',
    );
    stage.world.clock.advance(days(7));
    const { body } = await project.request('POST /auth/sessions/current/refresh', {
      refreshToken: guest.refresh_token,
    });
    expect(outcome(await accept(project, code, body.access_token))).toEqual([400, 'VERIFICATION_CODE_EXPIRED']);
    expect(outcome(await accept(project, code, undefined, '/check-code'))).toEqual([400, 'VERIFICATION_CODE_EXPIRED']);
  });

  it('is refused to restricted and anonymous people', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    await invite(project, team.id, guest.email);
    const code = await mailedCode(project, guest.email);
    const anonymous = (await project.request('POST /auth/anonymous/sign-up')).body;
    await project.configure({ 'onboarding.requireEmailVerification': true });
    for (const [token, type] of [
      [anonymous.access_token, 'anonymous'],
      [guest.access_token, 'email_not_verified'],
    ]) {
      for (const more of ['', '/details']) {
        const refused = await accept(project, code, token, more);
        expect(refused.status).toBe(403);
        expect(refused.body).toEqual({
          code: 'TEAM_INVITATION_RESTRICTED_USER_NOT_ALLOWED',
          details: { restricted_reason: { type } },
          error: `Restricted users cannot accept team invitations. Reason: ${type}. Please complete the onboarding process before accepting team invitations.`,
        });
      }
    }
    await verify(project, guest.user_id);
    expect((await accept(project, code, guest.access_token)).status).toBe(200);
  });

  it('by id needs the invited address verified, and oneself', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    const { id } = (await invite(project, team.id, guest.email)).body;
    const byId = (token: string, user = 'me', of = id) =>
      project.request(`POST /team-invitations/${of}/accept?user_id=${user}`, { token });
    expect(outcome(await byId(guest.access_token))).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
    await verify(project, guest.user_id);
    expect(outcome(await byId(team.owner.access_token))).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
    expect(outcome(await byId(team.owner.access_token, guest.user_id))[0]).toBe(403);
    expect(outcome(await byId(guest.access_token, 'me', unknown))).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
    const missing = await project.request(`POST /team-invitations/${id}/accept`, { token: guest.access_token });
    expect(missing.body.error).toContain('query.user_id must be defined');
    const accepted = await byId(guest.access_token);
    expect([accepted.status, accepted.body]).toEqual([200, {}]);
    expect(outcome(await byId(guest.access_token))).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
  });

  it('by id a server accepts for anybody with that address', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    await verify(project, guest.user_id);
    const { id } = (await invite(project, team.id, guest.email)).body;
    const server = (user: string) =>
      project.request(`POST /team-invitations/${id}/accept?user_id=${user}`, { access: 'server' });
    expect(outcome(await server(unknown))).toEqual([404, 'USER_NOT_FOUND']);
    expect((await server(guest.user_id)).body).toEqual({});
    const teams = await project.request('GET /teams?user_id=me', { token: guest.access_token });
    expect(teams.body.items).toHaveLength(1);
  });

  it('of many at once, one counts', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const guest = await project.signUp();
    await invite(project, team.id, guest.email);
    const code = await mailedCode(project, guest.email);
    const all = await Promise.all(Array.from({ length: 10 }, () => accept(project, code, guest.access_token)));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(409)]);
    const members = await project.request(`GET /team-member-profiles?team_id=${team.id}`, { access: 'server' });
    expect(members.body.items).toHaveLength(2);
  });
});
