import { expect, test } from 'vitest';
import { png } from '../../kit/images.ts';
import { organizations, refusal } from '../../kit/organization.ts';
import { aPerson, signedIn } from '../../kit/people.ts';
import { onOneEngine, password, rawRequest } from '../../kit/stage.ts';

const origins = { 'redirects.origins': ['myapp://'] };

onOneEngine('Profiles as applications write them', { policy: origins }, (stage) => {
  const org = organizations(stage);
  const picture = async () => `data:image/png;base64,${Buffer.from(await png()).toString('base64')}`;
  const served = expect.stringMatching(/^http.*\/-\/files\/.*\.webp$/);

  test('a picture as a data: URL is stored and served, at sign-up, later, by administrators and as a logo', async () => {
    const image = await picture();
    const { browser, id } = await stage.member({ body: { image } });
    const shown = async () => (await browser.get('/get-session')).body.user.image;
    expect(await shown()).toEqual(served);
    expect((await fetch(await shown())).status).toBe(200);
    await browser.post('/update-user', { image: null });
    expect(await shown()).toBeNull();
    expect((await browser.post('/update-user', { image })).status).toBe(200);
    expect(await shown()).toEqual(served);
    await browser.post('/update-user', { image: 'https://img.test/1' });
    await aPerson(stage.world, { email: 'admin@example.com', roles: ['admin'] });
    const admin = await signedIn(stage.world, 'admin@example.com');
    expect((await admin.post('/admin/update-user', { userId: id, data: { image } })).body.image).toEqual(served);
    const made = { email: stage.address(), name: 'Made', data: { image } };
    expect((await admin.post('/admin/create-user', made)).body.user.image).toEqual(served);
    const created = await browser.post('/organization/create', { name: 'A', slug: org.slug(), logo: image });
    expect(created.body.logo).toEqual(served);
    const changed = { organizationId: created.body.id, data: { logo: image } };
    expect((await browser.post('/organization/update', changed)).body.logo).toEqual(served);
  });

  test('what is no picture is refused, and so are addresses that run', async () => {
    const { browser } = await stage.member();
    const { owner, id: organizationId } = await org.found();
    for (const image of ['javascript:alert(1)', 'data:text/html,x', 'data:image/png;base64,AAAA']) {
      expect([image, (await browser.post('/update-user', { image })).status]).toEqual([image, 400]);
      const logo = await owner.browser.post('/organization/update', { organizationId, data: { logo: image } });
      expect([image, logo.status]).toEqual([image, 400]);
    }
    expect((await browser.get('/get-session')).body.user.image).toBeNull();
  });

  test('names of 512 characters are kept, longer ones refused', async () => {
    const { browser } = await stage.member();
    const name = 'n'.repeat(512);
    expect((await browser.post('/update-user', { name })).status).toBe(200);
    expect((await browser.get('/get-session')).body.user.name).toBe(name);
    expect((await browser.post('/update-user', { name: `${name}n` })).status).toBe(400);
    const { owner, id: organizationId } = await org.found();
    const renamed = await owner.browser.post('/organization/update', { organizationId, data: { name } });
    expect(renamed.body.name).toBe(name);
  });

  test('null clears the username, which is free again', async () => {
    const { browser } = await stage.member({ body: { username: 'ada_lovelace' } });
    expect((await browser.post('/update-user', { username: null })).status).toBe(200);
    const { user } = (await browser.get('/get-session')).body;
    expect([user.username, user.displayUsername]).toEqual([null, null]);
    const signIn = await stage.browser().post('/sign-in/username', { username: 'ada_lovelace', password });
    expect(signIn.status).toBe(401);
    expect((await browser.post('/update-user', { username: 'ada_again' })).status).toBe(200);
  });

  const form = async (headers: Record<string, string>) => {
    const { email } = await stage.member();
    const body = new URLSearchParams({ email, password }).toString();
    const sent = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      ...headers,
    };
    const { status, text } = await rawRequest(stage.world.url, '/better-auth/api/auth/sign-in/email', {
      ...{ method: 'POST', headers: sent, body },
    });
    return [status, JSON.parse(text).code];
  };

  test('sign-in by a form that hides its origin is refused; a client that is no browser passes', async () => {
    expect(await form({ origin: 'null' })).toEqual([403, 'MISSING_OR_NULL_ORIGIN']);
    expect(await form({})).toEqual([200, undefined]);
  });

  test('Expo names its origin in a header of its own', async () => {
    const { browser } = await stage.member();
    const cookie = await browser.jar.getCookieString(browser.base);
    const ask = async (headers: Record<string, string>) => {
      const body = '{"name":"B"}';
      const sent = { cookie, 'content-type': 'application/json', 'content-length': String(body.length), ...headers };
      const { status, text } = await rawRequest(stage.world.url, '/better-auth/api/auth/update-user', {
        ...{ method: 'POST', headers: sent, body },
      });
      return refusal({ status, body: JSON.parse(text) });
    };
    expect(await ask({ 'expo-origin': 'myapp://' })).toEqual([200, undefined]);
    expect(await ask({ 'expo-origin': 'otherapp://' })).toEqual([403, 'INVALID_ORIGIN']);
    expect(await ask({ origin: 'https://evil.example', 'expo-origin': 'myapp://' })).toEqual([403, 'INVALID_ORIGIN']);
  });
});
