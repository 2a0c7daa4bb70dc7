import { describe, expect, test } from 'vitest';
import { passkeyApp } from '../../../src/base/passkey-app.ts';
import { Authenticator } from '../../kit/authenticator.ts';
import { onOneEngine } from '../../kit/stage.ts';

const fingerprint = Array.from({ length: 32 }, (_, at) => (at + 160).toString(16).toUpperCase()).join(':');
const digest = Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
const app = `android:apk-key-hash:${digest}`;

describe('An application is named', () => {
  test('by package and certificate on Android, by team and bundle on Apple', () => {
    expect(passkeyApp(`android:com.example.app/${fingerprint}`)).toMatchObject({
      name: 'com.example.app',
      origin: app,
    });
    expect(passkeyApp('apple:ABCDE12345.com.example.app')).toEqual({
      platform: 'apple',
      name: 'ABCDE12345.com.example.app',
    });
  });

  test.each([
    ...['com.example.app', 'android:com.example.app', `android:app/${fingerprint}`, 'apple:com.example.app'],
    ...[`android:com.example.app/${fingerprint.slice(3)}`, `android:com.example.app/${fingerprint.toLowerCase()}`],
  ])('not as %s', (text) => {
    expect(passkeyApp(text)).toBeNull();
  });
});

const policy = {
  'passkeys.rpId': 'example.com',
  'passkeys.apps': [`android:com.example.app/${fingerprint}`, 'apple:ABCDE12345.com.example.app'],
  'redirects.origins': ['https://app.example.com', 'https://example.org', 'https://*.example.net', 'myapp://back'],
};

onOneEngine('Applications that use the passkeys of a site', { policy }, (stage) => {
  const wellKnown = async (name: string) => {
    const reply = await stage.world.app.http.inject({ url: `/.well-known/${name}` });
    return reply.statusCode === 200 ? reply.json() : reply.statusCode;
  };

  test('Android’s registers and signs in by the origin of its certificate; another certificate does not', async () => {
    const authenticator = new Authenticator();
    const { browser, id } = await stage.member();
    const register = async (origin: string) => {
      const { body: options } = await browser.get('/passkey/generate-register-options');
      const response = authenticator.create(options, origin);
      return (await browser.post('/passkey/verify-registration', { response })).status;
    };
    expect(await register(`android:apk-key-hash:${Buffer.alloc(32).toString('base64url')}`)).toBe(400);
    expect(await register(app)).toBe(200);

    const phone = stage.browser();
    const { body: options } = await phone.get('/passkey/generate-authenticate-options');
    const [key] = (await browser.get('/passkey/list-user-passkeys')).body;
    const response = authenticator.get(options, app, key.credentialID);
    expect((await phone.post('/passkey/verify-authentication', { response })).body.session.userId).toBe(id);
  });

  test('are published as Android and Apple read them', async () => {
    expect(await wellKnown('assetlinks.json')).toEqual([
      {
        relation: ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds'],
        target: {
          ...{ namespace: 'android_app', package_name: 'com.example.app' },
          sha256_cert_fingerprints: [fingerprint],
        },
      },
    ]);
    expect(await wellKnown('apple-app-site-association')).toEqual({
      webcredentials: { apps: ['ABCDE12345.com.example.app'] },
    });
  });

  test('other sites are named as related origins: no wildcards, and none that belongs to the site anyway', async () => {
    expect(await wellKnown('webauthn')).toEqual({ origins: ['https://example.org'] });
  });
});

onOneEngine('Without such applications', {}, (stage) => {
  test.each(['webauthn', 'assetlinks.json', 'apple-app-site-association'])('%s is not there', async (name) => {
    const reply = await stage.world.app.http.inject({ url: `/.well-known/${name}` });
    expect(reply.statusCode).toBe(404);
  });
});
