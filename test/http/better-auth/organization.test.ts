import { expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { organizations, refusal } from '../../kit/organization.ts';
import { onEveryEngine, onOneEngine } from '../../kit/stage.ts';

onOneEngine('POST /organization/create', {}, (stage) => {
  const org = organizations(stage);

  test('the creator owns it and works in it; metadata comes back as an object', async () => {
    const { browser, id: userId, email } = await stage.member();
    const slug = org.slug();
    const reply = await browser.post('/organization/create', {
      name: 'Orchard',
      slug,
      logo: 'https://example.com/l.png',
      metadata: { plan: { seats: 3 } },
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ name: 'Orchard', slug, logo: 'https://example.com/l.png' });
    expect(reply.body.metadata).toEqual({ plan: { seats: 3 } });
    expect(reply.body.createdAt).toMatch(/^\d{4}-.*Z$/);
    expect(reply.body.members).toEqual([
      {
        ...{ id: expect.any(String), organizationId: reply.body.id, userId, role: 'owner' },
        ...{ createdAt: expect.any(String), user: { id: userId, email, name: 'Ada', image: null } },
      },
    ]);
    expect(await org.active(browser)).toEqual({ organization: reply.body.id, team: undefined });
  });

  test('keepCurrentActiveOrganization leaves the session where it was', async () => {
    const first = await org.found();
    await first.owner.browser.post('/organization/create', {
      name: 'Second',
      slug: org.slug(),
      keepCurrentActiveOrganization: true,
    });
    expect((await org.active(first.owner.browser)).organization).toBe(first.id);
  });

  test.each([
    ['an empty name', { name: '', slug: 'x' }],
    ['an empty slug', { name: 'X', slug: '' }],
    ['no slug', { name: 'X' }],
    ['metadata that is no object', { name: 'X', slug: 'y', metadata: 'text' }],
  ])('refused: %s', async (_what, body) => {
    const { browser } = await stage.member();
    expect(refusal(await browser.post('/organization/create', body))).toEqual([400, 'VALIDATION_ERROR']);
  });

  test('a slug is taken whatever its letter case', async () => {
    const { slug } = await org.found();
    const { browser } = await stage.member();
    const reply = await browser.post('/organization/create', { name: 'X', slug: slug.toUpperCase() });
    expect(refusal(reply)).toEqual([400, 'ORGANIZATION_ALREADY_EXISTS']);
    expect((await browser.get('/organization/list')).body).toEqual([]);
  });

  test('a null logo is fine; a picture that runs code is not', async () => {
    const { browser } = await stage.member();
    const reply = await browser.post('/organization/create', { name: 'X', slug: org.slug(), logo: null });
    expect([reply.status, reply.body.logo]).toEqual([200, null]);
    const bad = await browser.post('/organization/create', {
      name: 'X',
      slug: org.slug(),
      logo: 'javascript:alert(1)',
    });
    expect(refusal(bad)).toEqual([400, 'VALIDATION_ERROR']);
  });

  test('nobody signed in is 401', async () => {
    const reply = await stage.browser().post('/organization/create', { name: 'X', slug: org.slug() });
    expect(refusal(reply)).toEqual([401, 'UNAUTHORIZED']);
  });
});

onOneEngine('POST /organization/check-slug', {}, (stage) => {
  const org = organizations(stage);

  test('free is true, taken is 400', async () => {
    const { slug, owner } = await org.found();
    expect((await owner.browser.post('/organization/check-slug', { slug: 'nobody-has-it' })).body).toEqual({
      status: true,
    });
    const taken = await owner.browser.post('/organization/check-slug', { slug });
    expect(refusal(taken)).toEqual([400, 'ORGANIZATION_SLUG_ALREADY_TAKEN']);
  });
});

onOneEngine('POST /organization/update', {}, (stage) => {
  const org = organizations(stage);

  test('changes what is named, of the active organization or the one given; metadata is an object', async () => {
    const { id, owner } = await org.found({ metadata: { a: 1 } });
    const named = await owner.browser.post('/organization/update', { data: { name: 'Grove' } });
    expect(named.body).toMatchObject({ id, name: 'Grove', metadata: { a: 1 } });
    const other = await org.found();
    const reply = await other.owner.browser.post('/organization/update', {
      organizationId: other.id,
      data: { metadata: { b: [2] }, slug: `${other.slug}-new`, logo: null },
    });
    expect(reply.body).toMatchObject({
      id: other.id,
      metadata: { b: [2] },
      slug: `${other.slug}-new`,
      name: 'Orchard',
    });
    expect((await owner.browser.get('/organization/get-organization')).body.name).toBe('Grove');
  });

  test('a slug that another organization has is refused; its own is not', async () => {
    const [here, there] = [await org.found(), await org.found()];
    const { browser } = here.owner;
    const taken = await browser.post('/organization/update', { data: { slug: there.slug } });
    expect(refusal(taken)).toEqual([400, 'ORGANIZATION_SLUG_ALREADY_TAKEN']);
    expect((await browser.post('/organization/update', { data: { slug: here.slug.toUpperCase() } })).status).toBe(200);
  });

  test('a slug that is no part of a path is 400, also to ask for; one that is older stays its own', async () => {
    const { owner, id } = await org.found();
    const rename = (slug: string) => owner.browser.post('/organization/update', { data: { slug } });
    expect(refusal(await rename('../x'))).toEqual([400, 'VALIDATION_ERROR']);
    expect((await owner.browser.post('/organization/check-slug', { slug: '../x' })).status).toBe(400);
    const ctx = stage.world.app.mainProject.context('cli');
    await asSystem(ctx, (tx) =>
      tx.organizations.update(id, { slug: 'old slug', slugNormal: 'old slug' }, ctx.clock.now()),
    );
    expect((await rename('old slug')).status).toBe(200);
    expect((await rename('new slug')).status).toBe(400);
  });

  test('an empty name or slug is 400', async () => {
    const { owner } = await org.found();
    for (const data of [{ name: '' }, { slug: '' }]) {
      expect((await owner.browser.post('/organization/update', { data })).status).toBe(400);
    }
  });

  test('none active 400, no member 400, no right 403', async () => {
    const organization = await org.found();
    const stranger = await stage.member();
    const asked = { data: { name: 'Mine' }, organizationId: organization.id };
    expect(refusal(await stranger.browser.post('/organization/update', { data: { name: 'x' } }))).toEqual([
      400,
      'ORGANIZATION_NOT_FOUND',
    ]);
    expect(refusal(await stranger.browser.post('/organization/update', asked))).toEqual([
      400,
      'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
    ]);
    const member = await org.join(organization);
    expect(refusal(await member.browser.post('/organization/update', asked))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION',
    ]);
    const admin = await org.join(organization, 'admin');
    expect((await admin.browser.post('/organization/update', asked)).body.name).toBe('Mine');
  });
});

onOneEngine('POST /organization/set-active', {}, (stage) => {
  const org = organizations(stage);

  test('by id and by slug; the session carries it, the cookie goes out again', async () => {
    const { id, slug, owner } = await org.found();
    const second = await stage.signIn(owner);
    expect((await org.active(second)).organization).toBeNull();
    const reply = await second.post('/organization/set-active', { organizationId: id });
    expect(reply.body).toMatchObject({ id, slug, members: [{ userId: owner.id, role: 'owner' }], invitations: [] });
    expect(reply.setCookies[0]).toContain('better-auth.session_token=');
    expect((await org.active(second)).organization).toBe(id);

    const other = await owner.browser.post('/organization/create', { name: 'Other', slug: org.slug() });
    expect((await org.active(owner.browser)).organization).toBe(other.body.id);
    await owner.browser.post('/organization/set-active', { organizationSlug: slug });
    expect((await org.active(owner.browser)).organization).toBe(id);
    expect((await org.active(second)).organization).toBe(id);
  });

  test('null leaves it; an empty body reads the current one', async () => {
    const { id, owner } = await org.found();
    expect((await owner.browser.post('/organization/set-active', {})).body.id).toBe(id);
    const left = await owner.browser.post('/organization/set-active', { organizationId: null });
    expect([left.status, left.text]).toEqual([200, 'null']);
    expect((await org.active(owner.browser)).organization).toBeNull();
    expect((await owner.browser.post('/organization/set-active', {})).text).toBe('null');
  });

  test('someone else’s is 403 and clears the active one; an unknown one is 400', async () => {
    const [mine, theirs] = [await org.found(), await org.found()];
    const { browser } = mine.owner;
    expect(refusal(await browser.post('/organization/set-active', { organizationSlug: 'nowhere' }))).toEqual([
      400,
      'ORGANIZATION_NOT_FOUND',
    ]);
    expect((await org.active(browser)).organization).toBe(mine.id);
    expect(refusal(await browser.post('/organization/set-active', { organizationId: theirs.id }))).toEqual([
      403,
      'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
    ]);
    expect((await org.active(browser)).organization).toBeNull();
  });
});

onOneEngine('Reading organizations', {}, (stage) => {
  const org = organizations(stage);
  const full = '/organization/get-full-organization';

  test('the full one has members and invitations; metadata is JSON text', async () => {
    const organization = await org.found({ metadata: { k: 'v' } });
    const member = await org.join(organization);
    const invited = await org.invite(organization, stage.address());
    const { body } = await organization.owner.browser.get(full);
    expect(body).toMatchObject({ id: organization.id, metadata: '{"k":"v"}' });
    expect(body.teams).toBeUndefined();
    expect(body.members).toEqual([
      expect.objectContaining({
        userId: organization.owner.id,
        role: 'owner',
        user: { id: organization.owner.id, name: 'Ada', email: organization.owner.email, image: null },
      }),
      expect.objectContaining({ userId: member.id, role: 'member' }),
    ]);
    expect(body.invitations.map(({ id }: { id: string }) => id)).toContain(invited.id);
  });

  test('whoever may not invite sees no invitations', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    await org.invite(organization, stage.address());
    expect((await member.browser.get(full)).body.invitations).toEqual([]);
  });

  test('the slug wins over the id; membersLimit cuts', async () => {
    const [here, there] = [await org.found(), await org.found()];
    await org.join(here);
    const guest = await stage.member({ verified: true });
    for (const organization of [here, there]) {
      const { id: invitationId } = await org.invite(organization, guest.email);
      await guest.browser.post('/organization/accept-invitation', { invitationId });
    }
    const reply = await guest.browser.get(
      `${full}?organizationId=${there.id}&organizationSlug=${here.slug}&membersLimit=1`,
    );
    expect(reply.body.id).toBe(here.id);
    expect(reply.body.members).toHaveLength(1);
  });

  test('null when none is active, 403 for outsiders, 400 for an unknown one', async () => {
    const { id } = await org.found();
    const { browser } = await stage.member();
    for (const path of [full, '/organization/get-organization']) {
      expect((await browser.get(path)).text).toBe('null');
      expect(refusal(await browser.get(`${path}?organizationId=${id}`))).toEqual([
        403,
        'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
      ]);
      expect(refusal(await browser.get(`${path}?organizationSlug=nowhere`))).toEqual([400, 'ORGANIZATION_NOT_FOUND']);
    }
  });

  test('get-organization has neither members nor invitations', async () => {
    const { id, owner } = await org.found();
    const { body } = await owner.browser.get('/organization/get-organization');
    expect(Object.keys(body).sort()).toEqual(['createdAt', 'id', 'logo', 'metadata', 'name', 'slug']);
    expect(body.id).toBe(id);
  });

  test('the list holds those the user belongs to, metadata as text', async () => {
    const first = await org.found({ metadata: { n: 1 } });
    await org.found();
    const { body } = await first.owner.browser.get('/organization/list');
    expect(body).toEqual([expect.objectContaining({ id: first.id, metadata: '{"n":1}' })]);
  });
});

onOneEngine('POST /organization/delete', {}, (stage) => {
  const org = organizations(stage);
  const remove = '/organization/delete';

  test('ends memberships, invitations and active sessions at once; the slug is free', async () => {
    const organization = await org.found({ metadata: { k: 1 } });
    const member = await org.join(organization);
    const guest = await stage.member({ verified: true });
    const invited = await org.invite(organization, guest.email);
    const reply = await organization.owner.browser.post(remove, { organizationId: organization.id });
    expect(reply.body).toMatchObject({ id: organization.id, metadata: '{"k":1}' });
    expect((await org.active(member.browser)).organization).toBeNull();
    expect((await org.active(organization.owner.browser)).organization).toBeNull();
    expect((await member.browser.get('/organization/list')).body).toEqual([]);
    const late = await guest.browser.post('/organization/accept-invitation', { invitationId: invited.id });
    expect(refusal(late)).toEqual([400, 'INVITATION_NOT_FOUND']);
    expect((await guest.browser.post('/organization/create', { name: 'X', slug: organization.slug })).status).toBe(200);
    expect(await stage.world.eventTypes(member.id)).toContain('organization.member_added');
  });

  test('a member without the right 403, a stranger 400', async () => {
    const organization = await org.found();
    const admin = await org.join(organization, 'admin');
    const { browser } = await stage.member();
    expect(refusal(await admin.browser.post(remove, { organizationId: organization.id }))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION',
    ]);
    expect(refusal(await browser.post(remove, { organizationId: organization.id }))).toEqual([
      400,
      'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
    ]);
    expect((await admin.browser.get('/organization/get-organization')).body.id).toBe(organization.id);
  });
});

onEveryEngine(
  'What a project allows',
  { policy: { 'organizations.limit': 1, 'organizations.deletion': false } },
  (stage) => {
    const org = organizations(stage);

    test('one organization for everybody, and nobody deletes it', async () => {
      const { id, owner } = await org.found();
      expect(refusal(await owner.browser.post('/organization/create', { name: 'X', slug: org.slug() }))).toEqual([
        403,
        'YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS',
      ]);
      expect(refusal(await owner.browser.post('/organization/delete', { organizationId: id }))).toEqual([
        404,
        'ORGANIZATION_DELETION_DISABLED',
      ]);
    });

    test('of many made at once one is made', async () => {
      const { browser } = await stage.member();
      const bodies = Array.from({ length: 10 }, () => ({ name: 'X', slug: org.slug() }));
      const replies = await Promise.all(bodies.map((body) => browser.post('/organization/create', body)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });
  },
);

onOneEngine('Organizations nobody may make', { policy: { 'organizations.userCreation': false } }, (stage) => {
  test('are refused', async () => {
    const { browser } = await stage.member();
    expect(refusal(await browser.post('/organization/create', { name: 'X', slug: 'x' }))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION',
    ]);
  });
});
