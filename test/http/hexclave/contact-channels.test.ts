import { expect, it } from 'vitest';
import {
  type HexclaveProject,
  hexclaveOnEveryEngine,
  hexclaveOnOneEngine,
  password,
  type SignedIn,
} from '../../kit/hexclave.ts';
import { tokenIn } from '../../kit/stage.ts';

type Channel = { id: string; value: string; is_primary: boolean; is_verified: boolean; used_for_auth: boolean };
const callback_url = 'http://localhost:3000/verify';

/** What tests do with one user's channels. */
const channelsOf = (project: HexclaveProject, { access_token: token }: SignedIn) => ({
  list: async (): Promise<Channel[]> =>
    (await project.request('GET /contact-channels?user_id=me', { token })).body.items,
  add: (value: string, more: object = {}) =>
    project.request('POST /contact-channels', {
      token,
      body: { user_id: 'me', value, type: 'email', used_for_auth: false, ...more },
    }),
  change: (id: string, body: unknown) => project.request(`PATCH /contact-channels/me/${id}`, { token, body }),
  remove: (id: string) => project.request(`DELETE /contact-channels/me/${id}`, { token }),
  send: (id: string, url = callback_url) =>
    project.request(`POST /contact-channels/me/${id}/send-verification-code`, { token, body: { callback_url: url } }),
});
const verify = (project: HexclaveProject, code: string) =>
  project.request('POST /contact-channels/verify', { body: { code } });
const mailedCode = async (project: HexclaveProject, to: string) => tokenIn((await project.mails(to))[0]!.links[0]!);
const me = async (project: HexclaveProject, { access_token: token }: SignedIn) =>
  (await project.request('GET /users/me', { token })).body;
const signIn = (project: HexclaveProject, email: string) =>
  project.request('POST /auth/password/sign-in', { body: { email, password } });

hexclaveOnEveryEngine('contact channels (spec §2.10)', {}, (stage) => {
  it('start with the address of the sign-up and are listed in the order they came', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { list, add } = channelsOf(project, user);
    const [own] = await list();
    expect(own).toEqual({
      id: expect.any(String),
      user_id: user.user_id,
      value: user.email,
      type: 'email',
      is_primary: true,
      is_verified: false,
      used_for_auth: true,
    });
    const second = await add(stage.address());
    expect(second.status).toBe(201);
    expect(second.body).toMatchObject({ is_primary: false, is_verified: false, used_for_auth: false });
    expect(await list()).toEqual([own, second.body]);
    const one = await project.request(`GET /contact-channels?user_id=me&contact_channel_id=${second.body.id}`, {
      token: user.access_token,
    });
    expect(one.body).toEqual({ items: [second.body], is_paginated: false });
    const read = await project.request(`GET /contact-channels/${user.user_id}/${second.body.id}`, {
      token: user.access_token,
    });
    expect(read.body).toEqual(second.body);
  });

  it('are each there once for a user, whatever the case', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { add, change } = channelsOf(project, user);
    const again = await add(user.email.toUpperCase());
    expect([again.status, again.text]).toEqual([400, 'Contact channel already exists']);
    const { body } = await add(stage.address());
    const onto = await change(body.id, { value: user.email });
    expect([onto.status, onto.text]).toEqual([400, 'Contact channel already exists']);
    expect((await add('nonsense')).body.error).toContain('body.value must be a valid email');
    expect((await add('')).body.error).toContain('body.value must not be empty');
    // What is an address to the form may still be none to us.
    expect((await add('a@b..c')).body.code).toBe('SCHEMA_ERROR');
  });

  it('sign one user in at most', async () => {
    const project = await stage.project();
    const [user, other] = [await project.signUp(), await project.signUp()];
    const { add, change, list } = channelsOf(project, other);
    const conflict = {
      code: 'CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE',
      details: { type: 'email', contact_channel_value: user.email, would_work_if_email_was_verified: false },
      error: `This email "(${user.email})" is already used for authentication by another account.`,
    };
    const refused = await add(user.email.toUpperCase(), { used_for_auth: true });
    expect([refused.status, refused.body]).toEqual([409, conflict]);
    const besides = await add(user.email);
    expect(besides.status).toBe(201);
    expect((await change(besides.body.id, { used_for_auth: true })).body).toEqual(conflict);
    const [own] = await list();
    expect((await change(own!.id, { value: `other-${user.email}` })).status).toBe(200);
    expect((await change(own!.id, { value: user.email })).text).toBe('Contact channel already exists');
    // Free again, it may.
    const [theirs] = await channelsOf(project, user).list();
    const freed = await project.request(`PATCH /contact-channels/${user.user_id}/${theirs!.id}`, {
      access: 'server',
      body: { used_for_auth: false },
    });
    expect(freed.body).toMatchObject({ used_for_auth: false });
    const taken = await change(besides.body.id, { used_for_auth: true });
    expect(taken.body).toMatchObject({ used_for_auth: true });
    expect((await signIn(project, user.email)).body.user_id).toBe(other.user_id);
  });

  it('sign one user in, of several who ask at once', async () => {
    const project = await stage.project();
    const users = [];
    for (let count = 0; count < 6; count += 1) users.push(await project.signUp());
    const value = stage.address();
    const replies = await Promise.all(
      users.map((user) => channelsOf(project, user).add(value, { used_for_auth: true })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const { status, body } of replies) {
      if (status === 409) expect(body.details.contact_channel_value).toBe(value);
    }
    const [user] = users;
    const { add, list } = channelsOf(project, user!);
    const many = await Promise.all(Array.from({ length: 6 }, () => add(stage.address(), { is_primary: true })));
    expect(many.filter(({ status }) => status >= 500)).toEqual([]);
    expect((await list()).filter(({ is_primary }) => is_primary)).toHaveLength(1);
  });

  it('have one primary among them at most', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { add, change, list } = channelsOf(project, user);
    const second = await add(stage.address(), { is_primary: true });
    expect((await list()).map(({ is_primary }) => is_primary)).toEqual([false, true]);
    expect(await me(project, user)).toMatchObject({ primary_email: second.body.value, primary_email_verified: false });
    const [first] = await list();
    expect((await change(first!.id, { is_primary: true })).body.is_primary).toBe(true);
    expect((await list()).map(({ is_primary }) => is_primary)).toEqual([true, false]);
    await change(first!.id, { is_primary: false });
    expect(await me(project, user)).toMatchObject({ primary_email: null, primary_email_verified: false });
    // Whoever has no primary address signs in as before.
    expect((await signIn(project, user.email)).status).toBe(200);
  });

  it('are unproven after the value changed, and the old value opens nothing', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { list, change, send } = channelsOf(project, user);
    const [own] = await list();
    await send(own!.id);
    const code = await mailedCode(project, user.email);
    await project.request('POST /auth/password/send-reset-code', { body: { email: user.email, callback_url } });
    const reset = (await project.mails(user.email)).find(({ subject }) => subject.includes('assword'));
    await project.request(`PATCH /contact-channels/${user.user_id}/${own!.id}`, {
      access: 'server',
      body: { is_verified: true },
    });
    const same = await change(own!.id, { value: user.email.toUpperCase() });
    expect(same.body).toMatchObject({ value: user.email, is_verified: true });
    const next = stage.address();
    const changed = await change(own!.id, { value: next });
    expect(changed.body).toMatchObject({ id: own!.id, value: next, is_verified: false, used_for_auth: true });
    const stale = await verify(project, code);
    expect([stale.status, stale.text]).toEqual([400, 'Contact channel not found. Was your contact channel deleted?']);
    expect((await list())[0]!.is_verified).toBe(false);
    expect((await signIn(project, user.email)).body.code).toBe('EMAIL_PASSWORD_MISMATCH');
    expect((await signIn(project, next)).status).toBe(200);
    if (reset) {
      const body = { code: tokenIn(reset.links[0]!), password: 'some other password' };
      expect((await project.request('POST /auth/password/reset', { body })).status).not.toBe(200);
      expect((await signIn(project, next)).status).toBe(200);
    }
  });

  it('are not there any more once they were taken away', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { add, remove, list, change, send } = channelsOf(project, user);
    const { id } = (await add(stage.address())).body;
    expect((await remove(id)).body).toEqual({ success: true });
    const token = user.access_token;
    const read = await project.request(`GET /contact-channels/me/${id}`, { token });
    expect([read.status, read.text]).toEqual([404, 'Contact channel not found.']);
    for (const reply of [await remove(id), await change(id, { is_primary: true })]) {
      expect([reply.status, reply.text]).toEqual([400, 'Contact channel not found']);
    }
    const mail = await send(id);
    expect([mail.status, mail.text]).toEqual([404, 'Contact channel not found']);
    // The password is no way in without an address to type beside it.
    const [own] = await list();
    const last = await remove(own!.id);
    expect([last.status, last.text]).toEqual([400, 'The last way to sign in cannot be removed.']);
    const taken = await project.request(`DELETE /contact-channels/${user.user_id}/${own!.id}`, { access: 'server' });
    expect(taken.body).toEqual({ success: true });
    expect(await list()).toEqual([]);
    expect(await me(project, user)).toMatchObject({ primary_email: null });
    expect((await project.signUp(user.email)).user_id).not.toBe(user.user_id);
  });

  it('do not go when they are the last way in, unless the server takes them', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const edit = { primary_email_verified: true, password: null };
    await project.request(`PATCH /users/${user.user_id}`, { access: 'server', body: edit });
    const { body: session } = await project.request('POST /auth/sessions', {
      access: 'server',
      body: { user_id: user.user_id },
    });
    const { list, add, remove, change } = channelsOf(project, { ...user, ...session });
    const [own] = await list();
    for (const refused of [await remove(own!.id), await change(own!.id, { used_for_auth: false })]) {
      expect([refused.status, refused.text]).toEqual([400, 'The last way to sign in cannot be removed.']);
    }
    expect(await list()).toEqual([own]);
    // An address that is not proven, or not for signing in, is no way in.
    const second = await add(stage.address(), { used_for_auth: true });
    expect((await remove(own!.id)).status).toBe(400);
    const proven = { access: 'server', body: { is_verified: true } } as const;
    await project.request(`PATCH /contact-channels/${user.user_id}/${second.body.id}`, proven);
    expect((await remove(own!.id)).body).toEqual({ success: true });
    const taken = await project.request(`DELETE /contact-channels/${user.user_id}/${second.body.id}`, {
      access: 'server',
    });
    expect(taken.body).toEqual({ success: true });
  });

  it('are each client’s own; servers act on anybody’s', async () => {
    const project = await stage.project();
    const [user, other] = [await project.signUp(), await project.signUp()];
    const [channel] = await channelsOf(project, other).list();
    const path = `/contact-channels/${other.user_id}/${channel!.id}` as const;
    const token = user.access_token;
    const value = stage.address();
    const made = { user_id: other.user_id, value, type: 'email', used_for_auth: false };
    const refusals = [
      ['list', await project.request(`GET /contact-channels?user_id=${other.user_id}`, { token })],
      ['list', await project.request('GET /contact-channels', { token })],
      ['read', await project.request(`GET ${path}`, { token })],
      ['create', await project.request('POST /contact-channels', { token, body: made })],
      ['update', await project.request(`PATCH ${path}`, { token, body: { is_primary: false } })],
      ['delete', await project.request(`DELETE ${path}`, { token })],
    ] as const;
    for (const [verb, { status, text }] of refusals) {
      expect([status, text]).toEqual([403, `Client can only ${verb} contact channels for their own user.`]);
    }
    const mail = await project.request(`POST ${path}/send-verification-code`, { token, body: { callback_url } });
    expect([mail.status, mail.text]).toEqual([400, 'Can only send verification code for your own user']);
    // Another user's channel under one's own id is none of theirs.
    const mixed = await project.request(`GET /contact-channels/me/${channel!.id}`, { token });
    expect(mixed.status).toBe(404);
    expect((await project.request('GET /contact-channels?user_id=me')).body.code).toBe(
      'CANNOT_GET_OWN_USER_WITHOUT_USER',
    );
    const flag = await project.request('POST /contact-channels', {
      token,
      body: { ...made, user_id: 'me', is_verified: true },
    });
    expect(flag.body.error).toContain('body contains unknown properties: is_verified');

    const byServer = { access: 'server' } as const;
    const added = await project.request('POST /contact-channels', {
      ...byServer,
      body: { ...made, is_verified: true },
    });
    expect(added.body).toMatchObject({ user_id: other.user_id, value, is_verified: true });
    const listed = await project.request(`GET /contact-channels?user_id=${other.user_id}`, byServer);
    expect(listed.body.items).toHaveLength(2);
    const unproven = await project.request(`PATCH /contact-channels/${other.user_id}/${added.body.id}`, {
      ...byServer,
      body: { is_verified: false, is_primary: true },
    });
    expect(unproven.body).toMatchObject({ is_verified: false, is_primary: true });
    const unknown = await project.request(`GET /contact-channels?user_id=${crypto.randomUUID()}`, byServer);
    expect(unknown.body.code).toBe('USER_NOT_FOUND');
  });

  it('of anonymous users are not for signing in, and stay with the user who signs up', async () => {
    const project = await stage.project();
    const { body } = await project.request('POST /auth/anonymous/sign-up');
    const { add } = channelsOf(project, body);
    const email = stage.address();
    expect((await add(email, { used_for_auth: true })).status).toBe(400);
    expect((await add(email, { is_primary: true })).status).toBe(201);
    const upgraded = await project.request('POST /auth/password/sign-up', {
      token: body.access_token,
      body: { email, password },
    });
    expect(upgraded.status).toBe(200);
    expect(upgraded.body.user_id).toBe(body.user_id);
    expect(await channelsOf(project, upgraded.body).list()).toMatchObject([
      { value: email, is_primary: true, used_for_auth: true },
    ]);
  });
});

hexclaveOnOneEngine('verification of contact channels (spec §3.10)', {}, (stage) => {
  it('is by a mailed code that works once', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { list, send } = channelsOf(project, user);
    const [own] = await list();
    expect((await send(own!.id)).body).toEqual({ success: true });
    const [mail] = await project.mails(user.email);
    expect(mail!.links[0]).toMatch(/^http:\/\/localhost:3000\/verify\?code=/);
    const code = tokenIn(mail!.links[0]!);
    const check = () => project.request('POST /contact-channels/verify/check-code', { body: { code } });
    expect((await check()).body).toEqual({ is_code_valid: true });
    expect((await check()).body).toEqual({ is_code_valid: true });
    expect((await verify(project, code.toUpperCase())).body).toEqual({ success: true });
    expect((await list())[0]!.is_verified).toBe(true);
    expect(await me(project, user)).toMatchObject({ primary_email_verified: true });
    for (const again of [await verify(project, code), await check()]) {
      expect([again.status, again.body.code]).toEqual([409, 'VERIFICATION_CODE_ALREADY_USED']);
    }
    const done = await send(own!.id);
    expect([done.status, done.body.code]).toEqual([409, 'EMAIL_ALREADY_VERIFIED']);
  });

  it('takes every code that was mailed, each once', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { list, send } = channelsOf(project, user);
    const [own] = await list();
    await send(own!.id);
    await send(own!.id);
    const codes = (await project.mails(user.email)).map(({ links }) => tokenIn(links[0]!));
    expect(new Set(codes).size).toBe(2);
    for (const code of codes) expect((await verify(project, code)).body).toEqual({ success: true });
  });

  it('knows no code of another purpose, another project, or none at all, and none that is over', async () => {
    const [project, other] = [await stage.project(), await stage.project()];
    const user = await project.signUp();
    const { list, send } = channelsOf(project, user);
    const [own] = await list();
    await send(own!.id);
    const code = await mailedCode(project, user.email);
    for (const [of, wrong] of [
      [project, 'x'.repeat(45)],
      [other, code],
    ] as const) {
      const reply = await verify(of, wrong);
      expect([reply.status, reply.body.code]).toEqual([404, 'VERIFICATION_CODE_NOT_FOUND']);
    }
    expect((await verify(project, 'short')).body.error).toContain('body.code must be exactly 45 characters');
    stage.world.clock.advance(7 * 86_400_000);
    const late = await verify(project, code);
    expect([late.status, late.body.code]).toEqual([400, 'VERIFICATION_CODE_EXPIRED']);
  });

  it('says so when the channel is gone', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { add, send, remove } = channelsOf(project, user);
    const value = stage.address();
    const { id } = (await add(value)).body;
    await send(id);
    const code = await mailedCode(project, value);
    await remove(id);
    const reply = await verify(project, code);
    expect([reply.status, reply.text]).toEqual([400, 'Contact channel not found. Was your contact channel deleted?']);
  });

  it('leads only to trusted addresses, and mails a few times an hour', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { list, send } = channelsOf(project, user);
    const [own] = await list();
    const refused = await send(own!.id, 'https://evil.example/verify');
    expect([refused.status, refused.body.code]).toEqual([400, 'REDIRECT_URL_NOT_WHITELISTED']);
    expect(await project.mails(user.email)).toEqual([]);
    for (let count = 0; count < 5; count += 1) expect((await send(own!.id)).status).toBe(200);
    const many = await send(own!.id);
    expect([many.status, Number(many.headers.get('retry-after'))]).toEqual([429, 3600]);
    expect(await project.mails(user.email)).toHaveLength(5);
  });

  it('is asked for by address too, of the primary one', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const send = (email: string, token: string | undefined = user.access_token) =>
      project.request('POST /contact-channels/send-verification-code', { token, body: { email, callback_url } });
    const out = await project.request('POST /contact-channels/send-verification-code', {
      body: { email: user.email, callback_url },
    });
    expect(out.body.error).toContain('auth.user must be defined');
    const other = await send('other@example.com');
    expect([other.status, other.body]).toEqual([
      400,
      {
        code: 'EMAIL_IS_NOT_PRIMARY_EMAIL',
        details: { email: 'other@example.com', primary_email: user.email },
        error: `The given e-mail (other@example.com) must equal the user's primary e-mail (${user.email}).`,
      },
    ]);
    expect((await send(user.email.toUpperCase())).body).toEqual({ success: true });
    expect((await verify(project, await mailedCode(project, user.email))).body).toEqual({ success: true });
    const done = await send(user.email);
    expect([done.status, done.body.code]).toEqual([409, 'EMAIL_ALREADY_VERIFIED']);
  });

  it('lifts the restriction of whoever has to verify', async () => {
    const project = await stage.project({ 'onboarding.requireEmailVerification': true });
    const user = await project.signUp();
    const { list, send } = channelsOf(project, user);
    const [own] = await list();
    await send(own!.id);
    expect(await me(project, user)).toMatchObject({ is_restricted: true });
    await verify(project, await mailedCode(project, user.email));
    expect(await me(project, user)).toMatchObject({ is_restricted: false, restricted_reason: null });
  });
});

hexclaveOnOneEngine('an unproven address beside others (core map E4)', {}, (stage) => {
  const askReset = (project: HexclaveProject, email: string) =>
    project.request('POST /auth/password/send-reset-code', { body: { email, callback_url } });
  const reset = async (project: HexclaveProject, email: string) =>
    project.request('POST /auth/password/reset', {
      body: { code: await mailedCode(project, email), password: 'some other password' },
    });

  it('lets nobody in by its mailbox while another one is proven: it may be a stranger’s', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const strangers = stage.address();
    await channelsOf(project, user).add(strangers, { used_for_auth: true });
    await askReset(project, strangers);
    expect(await project.mails(strangers)).toHaveLength(1);
    await project.request(`PATCH /users/${user.user_id}`, { access: 'server', body: { primary_email_verified: true } });
    // Mailed before the other address was proven, used after.
    expect((await reset(project, strangers)).status).toBe(400);
    await askReset(project, strangers);
    expect(await project.mails(strangers)).toHaveLength(1);
    expect((await signIn(project, user.email)).body.user_id).toBe(user.user_id);
    await askReset(project, user.email);
    expect((await reset(project, user.email)).body).toEqual({ success: true });
  });

  it('is all that is left to sign in with once its owner came first', async () => {
    const project = await stage.project();
    const planter = await project.signUp();
    const owners = stage.address();
    await channelsOf(project, planter).add(owners, { used_for_auth: true });
    await askReset(project, owners);
    expect((await reset(project, owners)).body).toEqual({ success: true });
    const { body } = await project.request(`GET /contact-channels?user_id=${planter.user_id}`, { access: 'server' });
    expect(body.items).toMatchObject([
      { value: planter.email, used_for_auth: false },
      { value: owners, used_for_auth: true, is_verified: true },
    ]);
    await askReset(project, planter.email);
    expect(await project.mails(planter.email)).toEqual([]);
  });
});
