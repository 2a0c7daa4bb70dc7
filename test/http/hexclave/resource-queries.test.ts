import type { TObject } from 'typebox';
import { describe, expect, it, test } from 'vitest';
import { wholeQuery } from '../../../src/http/hexclave/resource-query.ts';
import { routes } from '../../../src/http/hexclave/routes.ts';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';

const fieldsOf = (query: unknown): string[] => Object.keys((query as TObject | undefined)?.properties ?? {});
const lists = routes.filter(({ method, path, query }) => method === 'GET' && query && !path.includes(':'));

describe('One set of query fields for each resource', () => {
  test.each(lists.map(({ path, query }) => [path, fieldsOf(query)] as const))('%s: on every verb', (path, fields) => {
    const one = new RegExp(`^${path}(?:/:[a-z_]+)*$`);
    for (const endpoint of routes.filter((other) => one.test(other.path))) {
      const taken = fieldsOf(wholeQuery(endpoint.query, endpoint.sharedQuery));
      expect(taken, `${endpoint.method} ${endpoint.path}`).toEqual(expect.arrayContaining(fields));
    }
  });

  test('what a list requires, its other verbs do not', () => {
    const one = routes.find(({ method, path }) => method === 'PATCH' && path === '/user-api-keys/:api_key_id')!;
    expect((wholeQuery(one.query, { user_id: { type: 'string' } }) as TObject).required ?? []).toEqual([]);
  });
});

hexclaveOnOneEngine('query fields of a resource', {}, (stage) => {
  it('are taken where they mean nothing, and held to their form', async () => {
    const project = await stage.project();
    const { user_id } = await project.signUp();
    const server = { access: 'server' } as const;
    const read = await project.request(`GET /users/${user_id}?include_anonymous=true&limit=1`, server);
    expect([read.status, read.body.id]).toEqual([200, user_id]);
    const body = { display_name: 'Ada' };
    const written = await project.request(`PATCH /users/${user_id}?include_anonymous=true`, { ...server, body });
    expect([written.status, written.body.display_name]).toEqual([200, 'Ada']);
    const wrong = await project.request(`GET /users/${user_id}?limit=none`, server);
    expect([wrong.status, wrong.body.code]).toEqual([400, 'SCHEMA_ERROR']);
    const unknown = await project.request(`GET /users/${user_id}?nonsense=1`, server);
    expect(unknown.body.error).toContain('query contains unknown properties: nonsense');
  });

  it('bound a list of permission definitions', async () => {
    const project = await stage.project();
    const { body } = await project.request('GET /team-permission-definitions?limit=2', { access: 'server' });
    expect(body.items).toHaveLength(2);
    const one = await project.request('GET /team-permission-definitions', { access: 'server' });
    expect(one.body.items).toContainEqual({
      id: 'team_member',
      description: 'Default permission for team members',
      contained_permission_ids: ['$invite_members', '$read_members'],
    });
    expect(one.body.items.find(({ id }: { id: string }) => id === 'team_admin').description).toBe(
      'Default permission for team creators',
    );
  });
});
