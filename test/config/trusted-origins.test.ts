import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';

const originsOf = (env: Record<string, string>, file: unknown = {}) =>
  readConfig({ env, cwd: '/srv/app', fileText: JSON.stringify(file), generatedSecret: () => 's' })
    .projects.filter(({ key }) => key !== 'internal')
    .map(({ key, policy }) => [key, policy['redirects.origins'] ?? []]);

describe('TRUSTED_ORIGINS', () => {
  test('are the redirect origins of the default project', () => {
    expect(originsOf({ TRUSTED_ORIGINS: 'http://localhost:5173, https://*.example.com' })).toEqual([
      ['default', ['http://localhost:5173', 'https://*.example.com']],
    ]);
  });

  test('join those of the policy, each once', () => {
    const policy = { redirects: { origins: ['https://app.example.com', 'http://localhost:5173'] } };
    expect(originsOf({ TRUSTED_ORIGINS: 'http://localhost:5173,https://b.example.com' }, { policy })).toEqual([
      ['default', ['https://app.example.com', 'http://localhost:5173', 'https://b.example.com']],
    ]);
  });

  test('say nothing of other projects', () => {
    expect(originsOf({ TRUSTED_ORIGINS: 'https://a.example.com' }, { projects: { shop: {} } })).toEqual([
      ['default', ['https://a.example.com']],
      ['shop', []],
    ]);
  });

  test('may be every name below localhost, which nobody can buy', () => {
    expect(originsOf({ TRUSTED_ORIGINS: 'http://*.localhost:3000,http://**.localhost' })).toEqual([
      ['default', ['http://*.localhost:3000', 'http://**.localhost']],
    ]);
  });

  test('that trust a whole top-level domain, or are no origins, are refused', () => {
    expect(() => originsOf({ TRUSTED_ORIGINS: 'https://*.com' })).toThrow(/TRUSTED_ORIGINS/);
    expect(() => originsOf({ TRUSTED_ORIGINS: 'http://*' })).toThrow(/TRUSTED_ORIGINS/);
    expect(() => originsOf({ TRUSTED_ORIGINS: 'http://a.localhost.*' })).toThrow(/TRUSTED_ORIGINS/);
    expect(() => originsOf({ TRUSTED_ORIGINS: 'https://app.example.com/path' })).toThrow(/TRUSTED_ORIGINS/);
  });
});
