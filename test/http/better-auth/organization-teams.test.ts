import { expect, test } from 'vitest';
import { type Founded, organizations, refusal } from '../../kit/organization.ts';
import { onOneEngine, type Stage } from '../../kit/stage.ts';

const withTeams = { policy: { 'organizations.teams': true } };

function teams(stage: Stage) {
  const org = organizations(stage);
  async function create(organization: Founded, name = 'Pickers'): Promise<string> {
    const { browser } = organization.owner;
    const reply = await browser.post('/organization/create-team', { name, organizationId: organization.id });
    if (reply.status !== 200) throw new Error(`create-team answered ${reply.status} ${reply.text}`);
    return reply.body.id;
  }
  const add = (organization: Founded, teamId: string, userId: string) =>
    organization.owner.browser.post('/organization/add-team-member', {
      teamId,
      userId,
      organizationId: organization.id,
    });
  return { ...org, create, add };
}

onOneEngine('Teams', withTeams, (stage) => {
  const org = teams(stage);
  const list = '/organization/list-teams';

  test('a new organization has one, named like it, in which its owner works', async () => {
    const { id, owner } = await org.found();
    const { body } = await owner.browser.get(list);
    expect(body).toEqual([
      {
        id: expect.any(String),
        name: 'Orchard',
        organizationId: id,
        memberCount: 1,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
    expect(await org.active(owner.browser)).toEqual({ organization: id, team: body[0].id });
    expect((await owner.browser.get('/organization/get-full-organization')).body.teams).toEqual(body);
    const members = await owner.browser.get('/organization/list-team-members');
    expect(members.body).toEqual([
      { id: expect.any(String), teamId: body[0].id, userId: owner.id, createdAt: expect.any(String) },
    ]);
  });

  test('are made, renamed and removed by those who may', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const made = await browser.post('/organization/create-team', { name: 'Pickers' });
    expect(made.body).toMatchObject({ name: 'Pickers', organizationId: organization.id });
    const teamId = made.body.id;
    const renamed = await browser.post('/organization/update-team', { teamId, data: { name: 'Planters' } });
    expect(renamed.body).toMatchObject({ id: teamId, name: 'Planters' });
    expect((await browser.get(list)).body).toHaveLength(2);
    const removed = await browser.post('/organization/remove-team', { teamId });
    expect(removed.body).toEqual({ message: 'Team removed successfully.' });
    expect((await browser.get(list)).body).toHaveLength(1);
  });

  test('the last one stays, and the one the session works in', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const { team } = await org.active(browser);
    const remove = async () => refusal(await browser.post('/organization/remove-team', { teamId: team }));
    expect(await remove()).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM']);
    await browser.post('/organization/set-active-team', { teamId: null });
    expect(await remove()).toEqual([400, 'UNABLE_TO_REMOVE_LAST_TEAM']);
    await org.create(organization);
    expect((await remove())[0]).toBe(200);
  });

  test('members may not; strangers neither; another organization’s team is not found', async () => {
    const [here, there] = [await org.found(), await org.found()];
    const member = await org.join(here);
    const [mine, theirs] = [await org.create(here), await org.create(there)];
    const tries: [string, object, string, string][] = [
      [
        'create-team',
        { name: 'X', organizationId: here.id },
        'YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION',
        'YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION',
      ],
      [
        'remove-team',
        { teamId: mine, organizationId: here.id },
        'YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION',
        'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM',
      ],
      [
        'update-team',
        { teamId: mine, data: { name: 'X', organizationId: here.id } },
        'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM',
        'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM',
      ],
    ];
    for (const [operation, body, powerless, outside] of tries) {
      expect(refusal(await member.browser.post(`/organization/${operation}`, body))).toEqual([403, powerless]);
      expect(refusal(await there.owner.browser.post(`/organization/${operation}`, body))).toEqual([403, outside]);
    }
    const { browser } = here.owner;
    const notFound = [400, 'TEAM_NOT_FOUND'];
    expect(refusal(await browser.post('/organization/remove-team', { teamId: theirs }))).toEqual(notFound);
    expect(refusal(await browser.post('/organization/update-team', { teamId: theirs, data: { name: 'X' } }))).toEqual(
      notFound,
    );
    expect(refusal(await browser.post('/organization/set-active-team', { teamId: theirs }))).toEqual(notFound);
    expect(refusal(await org.add(here, theirs, here.owner.id))).toEqual(notFound);
    expect(refusal(await browser.get(`${list}?organizationId=${there.id}`))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION',
    ]);
  });

  test('set-active-team takes a team of the active organization one is in; null leaves it', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const teamId = await org.create(organization);
    const path = '/organization/set-active-team';
    expect(refusal(await member.browser.post(path, { teamId }))).toEqual([403, 'USER_IS_NOT_A_MEMBER_OF_THE_TEAM']);
    await org.add(organization, teamId, member.id);
    expect((await member.browser.post(path, { teamId })).body.id).toBe(teamId);
    expect((await org.active(member.browser)).team).toBe(teamId);
    expect((await member.browser.post(path, {})).body.id).toBe(teamId);
    expect((await member.browser.post(path, { teamId: null })).text).toBe('null');
    await member.browser.post('/organization/set-active', { organizationId: null });
    expect(refusal(await member.browser.post(path, { teamId }))).toEqual([400, 'NO_ACTIVE_ORGANIZATION']);
  });

  test('another organization takes the active team with it', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    await browser.post('/organization/create', {
      name: 'Other',
      slug: org.slug(),
      keepCurrentActiveOrganization: true,
    });
    const before = await org.active(browser);
    await browser.post('/organization/set-active', { organizationId: organization.id });
    expect(await org.active(browser)).toEqual(before);
    await browser.post('/organization/set-active', { organizationId: null });
    expect(await org.active(browser)).toEqual({ organization: null, team: null });
  });

  test('members are put in and taken out; whoever is taken out works there no more', async () => {
    const organization = await org.found();
    const [member, stranger] = [await org.join(organization), await stage.member()];
    const teamId = await org.create(organization);
    const added = await org.add(organization, teamId, member.id);
    expect(added.body).toMatchObject({ teamId, userId: member.id });
    expect((await org.add(organization, teamId, member.id)).body.id).toBe(added.body.id);
    expect(refusal(await org.add(organization, teamId, stranger.id))).toEqual([
      400,
      'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
    ]);
    const body = { teamId, userId: member.id, organizationId: organization.id };
    expect(refusal(await member.browser.post('/organization/add-team-member', body))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER',
    ]);
    expect(refusal(await member.browser.post('/organization/remove-team-member', body))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER',
    ]);
    await member.browser.post('/organization/set-active-team', { teamId });
    const { browser } = organization.owner;
    const removed = await browser.post('/organization/remove-team-member', body);
    expect(removed.body).toEqual({ message: 'Team member removed successfully.' });
    expect(await org.active(member.browser)).toEqual({ organization: organization.id, team: null });
    expect(refusal(await browser.post('/organization/remove-team-member', body))).toEqual([
      400,
      'USER_IS_NOT_A_MEMBER_OF_THE_TEAM',
    ]);
  });

  test('who is in a team is for those in it', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const teamId = await org.create(organization);
    const path = '/organization/list-team-members';
    expect(refusal(await member.browser.get(path))).toEqual([400, 'YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM']);
    expect(refusal(await member.browser.get(`${path}?teamId=none`))).toEqual([400, 'TEAM_NOT_FOUND']);
    expect(refusal(await member.browser.get(`${path}?teamId=${teamId}`))).toEqual([
      400,
      'USER_IS_NOT_A_MEMBER_OF_THE_TEAM',
    ]);
    await org.add(organization, teamId, member.id);
    expect((await member.browser.get(`${path}?teamId=${teamId}`)).body).toHaveLength(1);
  });

  test('teams of others are for those who may change members', async () => {
    const organization = await org.found();
    const [member, other] = [await org.join(organization), await org.join(organization)];
    const teamId = await org.create(organization);
    await org.add(organization, teamId, member.id);
    const path = '/organization/list-user-teams';
    expect((await member.browser.get(path)).body).toEqual([expect.objectContaining({ id: teamId })]);
    const { browser } = organization.owner;
    expect((await browser.get(`${path}?userId=${member.id}`)).body).toEqual([expect.objectContaining({ id: teamId })]);
    expect(refusal(await other.browser.get(`${path}?userId=${member.id}`))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER',
    ]);
    const stranger = await stage.member();
    expect((await browser.get(`${path}?userId=${stranger.id}`)).status).toBe(400);
    expect(refusal(await stranger.browser.get(`${path}?organizationId=${organization.id}`))).toEqual([
      403,
      'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION',
    ]);
  });

  test('an invitation leads into its teams; into one it also works there', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const teamId = await org.create(organization);
    const invited = await organization.owner.browser.post('/organization/invite-member', {
      email: guest.email,
      role: 'member',
      teamId,
    });
    expect(invited.body.teamId).toBe(teamId);
    await guest.browser.post('/organization/accept-invitation', { invitationId: invited.body.id });
    expect(await org.active(guest.browser)).toEqual({ organization: organization.id, team: teamId });
    expect((await guest.browser.get('/organization/list-team-members')).body).toHaveLength(1);
  });

  test('an invitation to a removed team leads into the organization', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const [kept, gone] = [await org.create(organization), await org.create(organization)];
    const { browser } = organization.owner;
    const invited = await browser.post('/organization/invite-member', {
      email: guest.email,
      role: 'member',
      teamId: [gone, kept],
    });
    expect(invited.body.teamId).toBe(`${gone},${kept}`);
    await browser.post('/organization/remove-team', { teamId: gone });
    await guest.browser.post('/organization/accept-invitation', { invitationId: invited.body.id });
    expect((await guest.browser.get('/organization/list-user-teams')).body).toEqual([
      expect.objectContaining({ id: kept }),
    ]);
  });

  test('nobody is invited into another organization’s team', async () => {
    const [here, there] = [await org.found(), await org.found()];
    const invite = async (teamId: string) =>
      refusal(
        await here.owner.browser.post('/organization/invite-member', {
          email: stage.address(),
          role: 'member',
          teamId,
        }),
      );
    expect(await invite(await org.create(there))).toEqual([400, 'TEAM_NOT_FOUND']);
    expect(await invite('a,b')).toEqual([400, 'INVALID_TEAM_ID']);
  });

  test('removal from the organization takes every team along', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const teamId = await org.create(organization);
    await org.add(organization, teamId, member.id);
    await member.browser.post('/organization/set-active-team', { teamId });
    await organization.owner.browser.post('/organization/remove-member', { memberIdOrEmail: member.memberId });
    expect(await org.active(member.browser)).toEqual({ organization: null, team: null });
    expect((await member.browser.get('/organization/list-user-teams')).body).toEqual([]);
    await org.add(organization, teamId, organization.owner.id);
    const left = await organization.owner.browser.get(`/organization/list-team-members?teamId=${teamId}`);
    expect(left.body).toEqual([expect.objectContaining({ userId: organization.owner.id })]);
  });
});

onOneEngine('Without teams', {}, (stage) => {
  const org = organizations(stage);

  test('their operations are not there, and sessions name none', async () => {
    const { owner } = await org.found();
    const reply = await owner.browser.post('/organization/create-team', { name: 'X' });
    expect([reply.status, reply.text]).toEqual([404, '']);
    expect((await stage.browser().get('/organization/list-teams')).status).toBe(404);
    expect((await owner.browser.get('/get-session')).body.session).not.toHaveProperty('activeTeamId');
  });
});
