import { expect, it } from 'vitest';
import { hexclaveOnEveryEngine } from '../../kit/hexclave.ts';
import { foundTeam } from '../../kit/hexclave-teams.ts';

hexclaveOnEveryEngine('lists of a server that names nobody', {}, (stage) => {
  const server = { access: 'server' } as const;

  it('hold the contact channels of everybody in the project, oldest first', async () => {
    const project = await stage.project();
    await (await stage.project()).signUp();
    const people = [await project.signUp(), await project.signUp()];
    const { status, body } = await project.request('GET /contact-channels', server);
    expect(status).toBe(200);
    expect(body.items.map(({ value }: { value: string }) => value)).toEqual(people.map(({ email }) => email));
    // Somebody signed in beside the key changes nothing of that.
    const beside = await project.request('GET /contact-channels', { ...server, token: people[0]!.access_token });
    expect(beside.body).toEqual(body);
    const client = await project.request('GET /contact-channels', { token: people[0]!.access_token });
    expect([client.status, client.text]).toEqual([403, 'Client can only list contact channels for their own user.']);
  });

  it('hold the accounts at providers of everybody, oldest first', async () => {
    const provider = { type: 'github', isShared: false, clientId: 'id', clientSecret: 'secret', allowSignIn: true };
    const paths = Object.entries(provider).map(([name, value]) => [`auth.oauth.providers.github.${name}`, value]);
    const project = await stage.project(Object.fromEntries(paths));
    for (const account_id of ['one', 'two']) {
      const oauth_providers = [{ id: 'github', account_id, email: null }];
      await project.request('POST /users', { ...server, body: { oauth_providers } });
    }
    const { status, body } = await project.request('GET /oauth-providers', server);
    expect([status, body.items.map(({ account_id }: { account_id: string }) => account_id)]).toEqual([
      200,
      ['one', 'two'],
    ]);
  });

  it('show members in the order in which they joined', async () => {
    const project = await stage.project({ 'teams.allowClientTeamCreation': true });
    const [ada, grace] = [await project.signUp(), await project.signUp()];
    const { id: team, owner } = await foundTeam(project);
    const order = [owner, grace, ada].map(({ user_id }) => user_id);
    for (const userId of order.slice(1)) {
      await project.request(`POST /team-memberships/${team}/${userId}`, { ...server, body: {} });
    }
    for (const query of ['', `?team_id=${team}`]) {
      const { body } = await project.request(`GET /team-member-profiles${query}`, server);
      expect(body.items.map(({ user_id }: { user_id: string }) => user_id)).toEqual(order);
    }
  });

  it('show people by their last activity, page by page', async () => {
    const project = await stage.project();
    const people = [await project.signUp(), await project.signUp(), await project.signUp()];
    const [ada, grace, joan] = people.map(({ user_id }) => user_id);
    const ctx = await project.context();
    stage.world.clock.advance(3_600_000);
    await project.request('GET /users/me', { token: people[0]!.access_token });
    const refreshed = { refreshToken: people[0]!.refresh_token };
    await project.request('POST /auth/sessions/current/refresh', refreshed);
    await ctx.sessionUses.flush();
    const ids = async (query: string): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const reply = await project.request(`GET /users?order_by=last_active_at&limit=2${query}${from}`, server);
        found.push(...reply.body.items.map(({ id }: { id: string }) => id));
        cursor = reply.body.pagination.next_cursor;
      }
      return found;
    };
    expect(await ids('&desc=true')).toEqual([ada, joan, grace]);
    expect(await ids('')).toEqual([grace, joan, ada]);
  });
});

hexclaveOnEveryEngine('passwords that a server sets', {}, (stage) => {
  const server = { access: 'server' } as const;

  it('may be short: it brings people with those that they have', async () => {
    const project = await stage.project();
    const primary_email = stage.address();
    const made = await project.request('POST /users', {
      ...server,
      body: { primary_email, primary_email_auth_enabled: true, password: 'short' },
    });
    expect(made.status).toBe(201);
    const signIn = (password: string) =>
      project.request('POST /auth/password/sign-in', { body: { email: primary_email, password } });
    expect((await signIn('short')).status).toBe(200);
    const changed = await project.request(`PATCH /users/${made.body.id}`, { ...server, body: { password: 'tiny' } });
    expect(changed.status).toBe(200);
    expect((await signIn('tiny')).status).toBe(200);
    // People themselves do not.
    const own = await project.request('POST /auth/password/sign-up', {
      body: { email: stage.address(), password: 'short' },
    });
    expect(own.body.code).toBe('PASSWORD_TOO_SHORT');
  });
});

hexclaveOnEveryEngine('a policy that asks for longer passwords', { policy: { 'password.minLength': 12 } }, (stage) => {
  it('holds for a server too', async () => {
    const project = await stage.existing(stage.world.app.mainProject.project.id);
    const reply = await project.request('POST /users', { access: 'server', body: { password: 'elevenchars' } });
    expect([reply.body.code, reply.body.details]).toEqual(['PASSWORD_TOO_SHORT', { min_length: 12 }]);
  });
});
