import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/base/refusal.ts';
import { defaultPolicy } from '../../src/core/policy.ts';
import { checkCodeReturn, checkReturnUrl, isTrustedOrigin } from '../../src/core/return-urls.ts';
import { usualProfile } from '../../src/core/usual-profile.ts';

const here = (...origins: string[]) => ({
  project: {
    id: 'p',
    key: 'default',
    displayName: 'Test',
    appUrl: null,
    tenancyId: 'p',
    ownerOrganizationId: null,
    policy: { ...defaultPolicy, redirects: { origins, localhost: false } },
  },
  publicUrl: 'https://id.example.com',
  surfaceUrl: 'https://auth.example.com/api/auth',
});

const ctx = here(
  'https://app.example.org',
  'https://*.example.net',
  'https://**.deep.example',
  'https://app-*.preview.example',
  'http://localhost:3000',
  'https://shop.example:8443',
  'https://bücher.example',
  'https://[2001:db8::1]:9000',
  'myapp://',
  'pinned://callback',
  'path://host/signed-in',
  'javascript://',
  'example.info',
  'https://*.org:*',
);

function refused(url: string): boolean {
  try {
    checkReturnUrl(ctx, url, 'returnTo');
    return false;
  } catch (fault) {
    assert.ok(fault instanceof Refusal, url);
    assert.equal(fault.code, 'return_url_untrusted');
    assert.equal(fault.detail.field, 'returnTo');
    return true;
  }
}

describe('return addresses (rule 19)', () => {
  for (const url of [
    '/',
    '/dashboard',
    '/a/b?next=/c&x=1+2#top',
    '/search?q=a%2Fb',
    '/a//b',
    '/@user',
    '/x:y',
    'https://id.example.com/welcome',
    'https://auth.example.com',
    'https://app.example.org',
    'https://app.example.org/x?y=//evil.example#z',
    'https://app.example.org:443/x',
    'HTTPS://APP.EXAMPLE.ORG/x',
    'https://one.example.net/',
    'https://ONE.example.net/',
    'https://a.deep.example/',
    'https://a.b.c.deep.example/',
    'https://app-42.preview.example/',
    'http://localhost:3000/x',
    'https://shop.example:8443/x',
    'https://xn--bcher-kva.example/x',
    'https://[2001:db8::1]:9000/x',
    'myapp://',
    'myapp://anything/at/all?x=1',
    'MyApp://anything',
    'pinned://callback/x',
    'pinned://CALLBACK',
    'path://host/signed-in',
    'path://host/signed-in/x',
  ]) {
    test(`goes to ${url}`, () => assert.equal(checkReturnUrl(ctx, url, 'returnTo'), url));
  }

  test('what is not ASCII is returned encoded, as it stands in a Location header', () => {
    assert.equal(
      checkReturnUrl(ctx, 'https://bücher.example/größe', 'returnTo'),
      'https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe',
    );
    assert.equal(checkReturnUrl(ctx, '/größe?ü', 'returnTo'), '/gr%C3%B6%C3%9Fe?%C3%BC');
  });

  for (const url of [
    // another host behind a path
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '\\\\evil.example',
    '/%2fevil.example',
    '/%2Fevil.example',
    '/%5cevil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e%2e//evil.example',
    '/./%2fevil.example',
    '/.//evil.example',
    '/x\\..\\evil',
    // characters that browsers drop
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nSet-Cookie: a=b',
    '/ /evil.example',
    '\t//evil.example',
    ' https://app.example.org',
    'https://app.example.org ',
    'https://app.exam\tple.org',
    'https://app.example.org/\u0000',
    'https://app.example.org/\u202e',
    'https://app.example.org/\u200b',
    'https://app.example.org/\u2028',
    '\u0000https://app.example.org',
    'java\nscript:alert(1)',
    // not addresses
    '',
    'dashboard',
    '?x=1',
    '#x',
    '.',
    '../x',
    'https:',
    'https:/',
    'https://',
    'https:///',
    'https:app.example.org',
    'https:/app.example.org',
    'https:///app.example.org',
    'https:\\\\app.example.org',
    'null',
    // user information
    'https://app.example.org@evil.example',
    'https://app.example.org:pw@evil.example',
    'https://user@app.example.org',
    'https://@app.example.org',
    'https://:@app.example.org',
    'myapp://user@host',
    // almost the right host
    'https://evil.example',
    'https://app.example.org.evil.example',
    'https://evilapp.example.org',
    'https://app.example.orgevil.example',
    'https://app-example.org',
    'https://app.example.org.',
    'https://app.example.org%2eevil.example',
    'https://app.example.org:8443',
    'http://app.example.org',
    'http://localhost:3001',
    'https://localhost:3000',
    'http://localhost',
    'https://shop.example',
    'https://example.org',
    'https://аpp.example.org',
    // wildcards
    'https://example.net',
    'https://a.b.example.net',
    'https://.example.net',
    'https://evil.example/.example.net',
    'https://evil.example?.example.net',
    'https://evil.example#.example.net',
    'https://x.example.net.evil.example',
    'https://x.example.net:8443',
    'http://x.example.net',
    'https://xexample.net',
    'https://deep.example',
    'https://app-.preview.example',
    'https://app-a.b.preview.example',
    'https://x.org',
    'https://example.info',
    // other schemes
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'javascript://app.example.org/%0aalert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://app.example.org/x',
    'about:blank',
    'ftp://app.example.org',
    'ws://app.example.org',
    'myapp:host',
    'myapp:/host',
    'myapp2://host',
    'pinned://callback.evil.example',
    'pinned://other',
    'pinned://callback:99',
    'path://host/signed-in/../elsewhere',
    'path://host/signed-in/%2e%2e/elsewhere',
    'path://host/signed-inx',
    'path://host/',
    'path://other/signed-in',
    `https://app.example.org/${'a'.repeat(2048)}`,
    `/${'a'.repeat(2048)}`,
  ]) {
    test(`refuses ${JSON.stringify(url.slice(0, 80))}`, () => assert.ok(refused(url)));
  }
});

describe('trusted origins', () => {
  for (const origin of [
    'https://id.example.com',
    'https://auth.example.com',
    'https://app.example.org',
    'https://one.example.net',
    'http://localhost:3000',
    'https://shop.example:8443',
    'https://xn--bcher-kva.example',
    'myapp://host',
  ]) {
    test(`trusts ${origin}`, () => assert.equal(isTrustedOrigin(ctx, origin), true));
  }

  for (const origin of [
    'null',
    '',
    '*',
    'https://evil.example',
    'https://app.example.org/',
    'https://app.example.org/path',
    'https://app.example.org?x',
    'https://app.example.org#x',
    'https://user@app.example.org',
    'https://app.example.org.',
    'https://app.example.org.evil.example',
    'https://app.example.org:8443',
    'http://app.example.org',
    'https://app.example.org,https://evil.example',
    'https://app.example.org https://evil.example',
    'javascript://x',
    'file://',
    'app.example.org',
  ]) {
    test(`does not trust ${JSON.stringify(origin)}`, () => assert.equal(isTrustedOrigin(ctx, origin), false));
  }
});

describe('where trusted addresses come from', () => {
  const src = join(import.meta.dirname, '../../src');

  test('only the checker makes one; these hand on what it made', () => {
    const casts = globSync('**/*.ts', { cwd: src }).filter((file) =>
      /\bas (?:Trusted|Landing)Url|<TrustedUrl>/.test(readFileSync(join(src, file), 'utf8')),
    );
    expect(casts.toSorted()).toEqual([
      'core/return-urls.ts',
      // The guard has put the checked address into body and query.
      'http/better-auth/endpoints/password.ts',
      'http/better-auth/schemas.ts',
      // Stored after the check.
      'store/queries/pending-sign-ins.ts',
    ]);
  });

  test('other letters go out as ASCII, what is ASCII as it was written', () => {
    expect(checkReturnUrl(ctx, '/ж?q=я', 'returnTo')).toBe('/%D0%B6?q=%D1%8F');
    expect(checkReturnUrl(ctx, 'https://bücher.example/ж', 'returnTo')).toBe('https://xn--bcher-kva.example/%D0%B6');
    expect(checkReturnUrl(ctx, '/a%20b?x=1+2', 'returnTo')).toBe('/a%20b?x=1+2');
    const native = { ...ctx, surface: { ...usualProfile, name: 'hexclave', limits: [], nativeSchemes: ['myapp'] } };
    expect(checkCodeReturn(native as never, 'myapp://ж/я', 'returnTo')).toMatch(/^myapp:\/\/[!-~]+$/);
  });
});
