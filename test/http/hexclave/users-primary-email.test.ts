import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';

hexclaveOnOneEngine('the primary e-mail (spec §2.8)', {}, (stage) => {
  const start = async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const token = user.access_token;
    return {
      ...{ project, user },
      change: (body: unknown) => project.request('PATCH /users/me', { token, body }),
      byServer: (body: unknown) => project.request(`PATCH /users/${user.user_id}`, { access: 'server', body }),
      channels: async () => {
        const { items } = (await project.request('GET /contact-channels?user_id=me', { token })).body;
        return items.map(({ id: _id, user_id: _user, type: _type, ...rest }: Record<string, unknown>) => rest);
      },
    };
  };

  it('that is new becomes a channel: primary, unproven, and signs in as the old one does', async () => {
    const { project, user, change, channels } = await start();
    const value = stage.address();
    const { status, body } = await change({ primary_email: value.toUpperCase() });
    expect([status, body.primary_email, body.primary_email_verified]).toEqual([200, value, false]);
    expect(await channels()).toEqual([
      { value: user.email, is_primary: false, is_verified: false, used_for_auth: true },
      { value, is_primary: true, is_verified: false, used_for_auth: true },
    ]);
    for (const email of [value, user.email]) {
      const again = await project.request('POST /auth/password/sign-in', {
        body: { email, password: 'correct horse' },
      });
      expect(again.body.user_id).toBe(user.user_id);
    }
  });

  it('signs in also when the server writes it, proven or not', async () => {
    const { project, user, byServer } = await start();
    const value = stage.address();
    const changed = await byServer({ primary_email: value, primary_email_verified: true });
    expect(changed.body).toMatchObject({ primary_email_verified: true, primary_email_auth_enabled: true });
    const body = { email: value, password: 'correct horse' };
    expect((await project.request('POST /auth/password/sign-in', { body })).body.user_id).toBe(user.user_id);
    const silent = await byServer({ primary_email: stage.address(), primary_email_auth_enabled: false });
    expect(silent.body.primary_email_auth_enabled).toBe(false);
  });

  it('that signs somebody else in is refused where the old one signs in', async () => {
    const { project, user, change, byServer } = await start();
    const other = await project.signUp();
    for (const write of [change, byServer]) {
      const taken = await write({ primary_email: other.email.toUpperCase() });
      expect([taken.status, taken.body.code]).toEqual([409, 'USER_EMAIL_ALREADY_EXISTS']);
      expect(taken.body.details).toEqual({ email: other.email, would_work_if_email_was_verified: false });
    }
    expect((await byServer({})).body.primary_email).toBe(user.email);
  });

  it('may be one that signs somebody else in where the old one does not sign in', async () => {
    const { project, change, byServer } = await start();
    await byServer({ primary_email_auth_enabled: false });
    const other = await project.signUp();
    expect((await change({ primary_email: other.email })).body.primary_email).toBe(other.email);
    const again = await project.request('POST /auth/password/sign-in', {
      body: { email: other.email, password: 'correct horse' },
    });
    expect(again.body.user_id).toBe(other.user_id);
  });

  it('that is a channel already becomes the primary one with the proof it has', async () => {
    const { user, change, channels, byServer } = await start();
    await byServer({ primary_email_verified: true });
    const value = stage.address();
    await change({ primary_email: value });
    const back = await change({ primary_email: user.email.toUpperCase() });
    expect(back.body).toMatchObject({ primary_email: user.email, primary_email_verified: true });
    const before = await channels();
    expect(before).toEqual([
      { value: user.email, is_primary: true, is_verified: true, used_for_auth: true },
      { value, is_primary: false, is_verified: false, used_for_auth: true },
    ]);
    expect((await change({ primary_email: user.email })).status).toBe(200);
    expect(await channels()).toEqual(before);
  });

  it('that is a channel nobody signs in by takes that over from the old one', async () => {
    const { project, user, change } = await start();
    const value = stage.address();
    const body = { user_id: 'me', value, type: 'email', used_for_auth: false };
    await project.request('POST /contact-channels', { token: user.access_token, body });
    expect((await change({ primary_email: value })).status).toBe(200);
    const again = await project.request('POST /auth/password/sign-in', {
      body: { email: value, password: 'correct horse' },
    });
    expect(again.body.user_id).toBe(user.user_id);
  });

  it('that is null leaves the channel', async () => {
    const { user, change, channels, byServer } = await start();
    await byServer({ primary_email_verified: true });
    expect((await change({ primary_email: null })).body).toMatchObject({
      primary_email: null,
      primary_email_verified: false,
    });
    expect(await channels()).toEqual([
      { value: user.email, is_primary: false, is_verified: true, used_for_auth: true },
    ]);
    expect((await change({ primary_email: null })).status).toBe(200);
  });

  it('is an address', async () => {
    const { change } = await start();
    expect((await change({ primary_email: '' })).body.error).toContain('body.primary_email must not be empty');
    expect((await change({ primary_email: 'nonsense' })).body.error).toContain(
      'body.primary_email must be a valid email',
    );
    expect((await change({ primary_email: 'a@-b.example' })).body.code).toBe('SCHEMA_ERROR');
  });

  it('is proven and used to sign in when the server says so', async () => {
    const { project, user, byServer, channels } = await start();
    const value = stage.address();
    const edit = { primary_email: value, primary_email_verified: true, primary_email_auth_enabled: true };
    expect((await byServer(edit)).body).toMatchObject(edit);
    expect(await channels()).toEqual([
      { value: user.email, is_primary: false, is_verified: false, used_for_auth: true },
      { value, is_primary: true, is_verified: true, used_for_auth: true },
    ]);
    expect((await byServer({ primary_email_auth_enabled: false })).body.primary_email_auth_enabled).toBe(false);
    const other = await project.signUp();
    const taken = await byServer({ primary_email: other.email, primary_email_auth_enabled: true });
    expect([taken.status, taken.body.code]).toEqual([409, 'USER_EMAIL_ALREADY_EXISTS']);
    expect(taken.body.details).toEqual({ email: other.email, would_work_if_email_was_verified: false });
    // Nothing of the edit is left.
    expect((await byServer({})).body.primary_email).toBe(value);
  });

  it('has to be there to be proven or used', async () => {
    const { byServer } = await start();
    for (const flag of ['primary_email_verified', 'primary_email_auth_enabled']) {
      const refused = await byServer({ primary_email: null, [flag]: true });
      expect([refused.status, refused.text]).toEqual([400, `${flag} cannot be true without primary_email`]);
    }
    expect((await byServer({ primary_email: null, primary_email_verified: false })).status).toBe(200);
  });
});
