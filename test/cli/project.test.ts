import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInstallation, type Installation } from '../kit/installation.ts';

describe('latchkey project', () => {
  let installation: Installation;
  const project = (...args: string[]) => installation.latchkey(['project', ...args]);

  beforeAll(async () => {
    installation = await createInstallation();
    await installation.latchkey(['migrate']);
  });
  afterAll(() => installation.remove());

  test('list shows the configured ones and those made since, with the ids that clients need', async () => {
    const made = await project('create', 'My shop');
    expect(made.stdout).toMatch(/^Created the project My shop with id [0-9a-f-]{36}\.\n$/);
    const rows = JSON.parse((await project('list', '--json')).stdout);
    expect(rows.map(({ display_name }: { display_name: string }) => display_name).sort()).toEqual([
      'Latchkey',
      'Latchkey administration',
      'My shop',
    ]);
    expect(rows.find(({ key }: { key: string }) => key === 'internal').id).toBe('internal');
  });

  test('keys are made, listed and revoked, and printed once', async () => {
    const { stdout } = await project('keys', 'create', '--publishable', '--server', '--for', '30d');
    const [, server] = /^server +(ssk_\S{45})$/m.exec(stdout)!;
    expect(stdout).toMatch(/^project id +[0-9a-f-]{36}$/m);
    const listed = await project('keys', 'list');
    expect(listed.stdout).not.toContain(server);
    const id = /[0-9a-f-]{36}/.exec(listed.stdout)![0];
    expect((await project('keys', 'revoke', id)).code).toBe(0);
    expect((await project('keys', 'list')).stdout).toContain('revoked');
  });

  test('what cannot be done says why', async () => {
    expect((await project('keys', 'create')).stderr).toContain('--publishable, --server, --admin');
    expect((await project('keys', 'list', '--project', 'nowhere')).stderr).toContain('latchkey project list');
    expect((await project('keys', 'revoke', 'nothing')).code).toBe(1);
    expect((await project('rotate-signing-keys')).stdout).toContain('has not signed anything');
  });
});
