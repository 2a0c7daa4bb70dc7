import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { describeConfig, readConfig } from '../../src/config/read-config.ts';

const publishable = 'q7Zk2mX9vB4nL8sD1wR6tY3uJ5hG0fKp';
const server = 'A9cV5xN2pW8eT4iQ7oM1kS6jR3yU0hBd';
const id = '0f3b7a52-9a51-4c8e-8a4e-6a7f4f8f2c11';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const input = (env: Record<string, string>, file: unknown = {}) => ({
  ...{ env, cwd: '/srv/app', fileText: JSON.stringify(file), generatedSecret: () => 's' },
});
const keysOf = (env: Record<string, string>, file: unknown = {}) =>
  Object.fromEntries(readConfig(input(env, file)).projects.map(({ key, keys }) => [key, keys]));
function problemsOf(env: Record<string, string>, file: unknown = {}): string {
  try {
    readConfig(input(env, file));
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.message;
    throw fault;
  }
  return '';
}

describe('Keys of a project', () => {
  test('are given by the environment for the default one, with its id', () => {
    const env = { PROJECT_ID: id, PROJECT_PUBLISHABLE_KEY: publishable, PROJECT_SERVER_KEY: server };
    expect(readConfig(input(env)).projects[0]).toMatchObject({
      id,
      keys: { publishable: sha256(publishable), server: sha256(server), admin: null },
    });
  });

  test('are given by the file for each one, by the name of a variable too', () => {
    const file = { keys: { admin: publishable }, projects: { shop: { keys: { server: { env: 'SHOP_KEY' } } } } };
    expect(keysOf({ SHOP_KEY: server }, file)).toEqual({
      default: { publishable: null, server: null, admin: sha256(publishable) },
      shop: { publishable: null, server: sha256(server), admin: null },
      internal: { publishable: null, server: null, admin: null },
    });
  });

  test('are kept as digests alone, and shown to nobody', () => {
    const given = input({ PROJECT_SERVER_KEY: server });
    expect(JSON.stringify(readConfig(given))).not.toContain(server);
    const row = describeConfig(given).find(({ key }) => key === 'PROJECT_SERVER_KEY');
    expect(row).toEqual({ key: 'PROJECT_SERVER_KEY', value: '(secret)', source: 'environment' });
  });

  test.each([
    ['x7Qm-2', 'is shorter than 32 characters'],
    ['change-me-please-this-is-a-sample-key', 'is a sample secret'],
    [`${server} with spaces`, 'is not printable ASCII'],
  ])('are refused when they are %s', (text, problem) => {
    const message = problemsOf({ PROJECT_ADMIN_KEY: text });
    expect(message).toContain(problem);
    expect(message).not.toContain(text);
  });

  test('differ: what browsers show to everybody opens nothing else', () => {
    expect(problemsOf({ PROJECT_PUBLISHABLE_KEY: server, PROJECT_SERVER_KEY: server })).toContain(
      'are the same for two kinds',
    );
  });
});
