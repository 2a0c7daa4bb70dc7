import { expect, test } from 'vitest';
import { axumKitOnOneEngine, expectStatus, password } from '../../kit/axumkit.ts';
import { tokenIn } from '../../kit/stage.ts';

axumKitOnOneEngine('pages that mailed links lead to', {}, (kit) => {
  const press = async (link: string, headers: Record<string, string> = {}) => {
    const url = new URL(link);
    return fetch(`${url.origin}${url.pathname}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ token: tokenIn(link) }),
    });
  };

  test('verification: opening the page changes nothing, the button does, and may be pressed again', async () => {
    const { browser, email } = await kit.resident();
    const link = (await kit.world.mail(email)).links[0]!;
    const opened = await fetch(link);
    expect(opened.status).toBe(200);
    expect(await opened.text()).toContain('Confirm the address');
    expect((await browser.get('/v0/user/me')).body.is_verified).toBe(false);
    expect((await press(link)).status).toBe(200);
    expect((await browser.get('/v0/user/me')).body.is_verified).toBe(true);
    expect((await press(link)).status).toBe(200);
  });

  test('change of address: a scanner does not spend the link; afterwards it says that it is done', async () => {
    const { browser, email } = await kit.resident({ verified: true });
    const next = kit.address();
    expectStatus(await browser.post('/v0/auth/change-email', { password, new_email: next }), 204);
    const link = (await kit.world.mail(next)).links[0]!;
    expect((await fetch(link)).status).toBe(200);
    expect((await browser.get('/v0/user/me')).body.email).toBe(email);
    expect((await press(link)).status).toBe(200);
    expect((await (await kit.signIn(next)).get('/v0/user/me')).body.email).toBe(next);
    for (const again of [await fetch(link), await press(link)]) {
      expect(again.status).toBe(200);
      expect(await again.text()).toContain('E-mail changed');
    }
  });

  test('the button of another site presses nothing', async () => {
    const { browser, email } = await kit.resident();
    const link = (await kit.world.mail(email)).links[0]!;
    expect((await press(link, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.get('/v0/user/me')).body.is_verified).toBe(false);
  });

  test('made-up tokens are told so', async () => {
    for (const path of ['/-/verify-email', '/-/confirm-email-change']) {
      const answer = await press(`${kit.world.url}${path}?token=${'0'.repeat(45)}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('not valid any more');
    }
  });
});
