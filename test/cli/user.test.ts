import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInstallation, type Installation } from '../kit/installation.ts';

describe('latchkey user', () => {
  let installation: Installation;
  const user = (args: readonly string[], stdin?: string) =>
    installation.latchkey(['user', ...args], stdin === undefined ? {} : { stdin });
  const listed = async (...args: string[]) => JSON.parse((await user(['list', '--json', ...args])).stdout);

  beforeAll(async () => {
    installation = await createInstallation();
  });
  afterAll(() => installation.remove());

  test('on a database that was never migrated it says what to do, and makes nothing', async () => {
    const { code, stdout, stderr } = await user(['list']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/lacks \d+ migrations .*Run `latchkey migrate`/);
    expect((await installation.latchkey(['migrate'])).code).toBe(0);
  });

  test('create makes a person with everything that was given', async () => {
    const { code, stdout } = await user(
      [
        'create',
        'Ada@Example.com',
        '--name',
        'Ada',
        '--username',
        'ada',
        '--role',
        'admin',
        '--verified',
        '--password-stdin',
      ],
      'correct horse\n',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Created ada@example.com with id [0-9a-f-]{36}\.\n$/);
    expect(await listed('--search', 'ada')).toMatchObject([
      { email: 'ada@example.com', emailVerified: true, username: 'ada', name: 'Ada', roles: ['admin'], banned: false },
    ]);
  });

  test('create without a password says how the person gets one', async () => {
    const { code, stderr } = await user(['create', 'bob@example.com']);
    expect(code).toBe(0);
    expect(stderr).toContain('latchkey user reset-password bob@example.com');
    expect(await listed('--search', 'bob')).toMatchObject([{ emailVerified: false, roles: [] }]);
  });

  test.each([
    ['a taken address', ['create', 'ada@example.com'], /Somebody has this address already/],
    ['something that is no address', ['create', 'ada'], /not an e-mail address/],
    ['a short password', ['create', 'c@example.com', '--password', 'short'], /at least 8 characters/],
    ['an unknown role', ['create', 'c@example.com', '--role', 'king'], /no role "king"/],
    ['an unknown person', ['ban', 'nobody@example.com'], /known as "nobody@example.com"/],
    ['an unknown project', ['list', '--project', 'shop'], /no project "shop"\. Configured are: default/],
  ])('%s is refused with a reason and exit code 1', async (_, args, words) => {
    const { code, stdout, stderr } = await user(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain('    at '); // no stack
  });

  test.each([
    ['a missing address where nobody can be asked', ['create']],
    ['an unknown command', ['bann', 'ada@example.com']],
    ['an unknown option', ['list', '--jsn']],
    ['a length of time that is none', ['ban', 'ada@example.com', '--for', 'ever']],
    ['two passwords', ['create', 'c@example.com', '--password', 'correct horse', '--password-stdin']],
    ['no limit to speak of', ['list', '--limit', '0']],
  ])('%s is wrong usage: exit code 2', async (_, args) => {
    const { code, stdout, stderr } = await user(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  });

  test('create asks at a terminal; a password is not shown, and Ctrl-C changes nothing', async () => {
    const address = ['E-mail address', 'carol@example.com\r'] as const;
    const made = await installation.atTerminal(['user', 'create'], [address, ['Password', 'correct horse\r']]);
    expect([made.code, made.screen]).toEqual([0, expect.stringContaining('Created carol@example.com with id ')]);
    expect(made.screen).not.toContain('correct');
    const stopped = await installation.atTerminal(['user', 'create'], [['E-mail address', '\u0003']]);
    expect([stopped.code, stopped.screen]).toEqual([1, expect.stringContaining('Cancelled. Nothing was changed.')]);
    expect(await listed('--search', 'carol')).toHaveLength(1);
  });

  test('ban and unban, by address and by id', async () => {
    const [bob] = await listed('--search', 'bob');
    expect((await user(['ban', 'bob@example.com', '--reason', 'Spam', '--for', '7d'])).code).toBe(0);
    const [banned] = await listed('--search', 'bob');
    expect(banned).toMatchObject({ banned: true, banReason: 'Spam' });
    expect(Date.parse(banned.banExpiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect((await user(['unban', bob.id])).stdout).toBe('bob@example.com may sign in again.\n');
    expect((await user(['unban', bob.id])).stdout).toBe('bob@example.com was not banned.\n');
    expect(await listed('--search', 'bob')).toMatchObject([{ banned: false, banReason: null }]);
  });

  test('a role is set; who is an administrator then, no link makes another', async () => {
    const link = () => installation.latchkey(['admin-link']);
    await user(['set-role', 'bob@example.com']);
    expect((await listed('--search', 'bob'))[0].roles).toEqual([]);
    for (const { id, roles } of await listed()) if (roles.includes('admin')) await user(['set-role', id]);
    expect((await link()).stdout).toMatch(/^http:\/\/localhost:\d+\/-\/setup\?token=\S+\n$/);
    expect((await user(['set-role', 'bob@example.com', 'admin'])).stdout).toBe(
      'bob@example.com has the roles admin now.\n',
    );
    const { code, stderr } = await link();
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is an administrator already')]);
  });

  test('list stops at its limit and says so beside the result', async () => {
    const { stdout, stderr } = await user(['list', '--limit', '1']);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toContain('more than 1');
  });
});
