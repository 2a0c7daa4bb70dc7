import { expect, test } from 'vitest';
import { type AxumKitStage, axumKitOnOneEngine, expectError, expectStatus } from '../../kit/axumkit.ts';

const search = (kit: AxumKitStage, query: string, page = 1, size = 20) =>
  kit.browser().get(`/v0/search/users?query=${encodeURIComponent(query)}&page=${page}&page_size=${size}`);
const handles = async (kit: AxumKitStage, query: string): Promise<string[]> => {
  const reply = await search(kit, query);
  expectStatus(reply, 200);
  return reply.body.users.map(({ handle }: { handle: string }) => handle);
};

axumKitOnOneEngine('GET /v0/search/users (spec §2.6)', {}, (kit) => {
  test('finds who just registered, and shows what strangers may see', async () => {
    const { id, handle, email } = await kit.resident({ body: { display_name: 'Katherine Johnson' } });
    const reply = await search(kit, handle);
    expect(reply.body).toEqual({
      users: [{ id, handle, display_name: 'Katherine Johnson' }],
      page: 1,
      page_size: 20,
      total_hits: 1,
      total_pages: 1,
    });
    expect(await handles(kit, 'katherine john')).toEqual([handle]);
    expect(await handles(kit, 'kathrine')).toEqual([handle]);
    expect(await handles(kit, email)).toEqual([]);
    expect(reply.text).not.toContain('email');
  });

  test('follows changes of the profile', async () => {
    const { browser, handle } = await kit.resident();
    expectStatus(await browser.send('PATCH', '/v0/user/me', { display_name: 'Zaphod B', bio: 'two heads' }), 200);
    const [hit] = (await search(kit, 'zaphod')).body.users;
    expect(hit).toMatchObject({ handle, display_name: 'Zaphod B', bio: 'two heads' });
    expect(await handles(kit, 'heads')).toEqual([handle]);
  });

  test('banned people are not found, and are again when the ban ends', async () => {
    const { id, handle } = await kit.resident({ body: { display_name: 'Marvin' } });
    await kit.stage.ban(id);
    expect(await handles(kit, 'marvin')).toEqual([]);
    await kit.stage.unban(id);
    expect(await handles(kit, 'marvin')).toEqual([handle]);
  });

  test('who came by another dialect chose nothing, and is not found (core map U3)', async () => {
    await kit.stage.member({ body: { name: 'Trillian' } });
    expect(await handles(kit, 'trillian')).toEqual([]);
  });

  test('without words everybody is found, page by page', async () => {
    await Promise.all([kit.resident(), kit.resident(), kit.resident()]);
    const all = (await kit.browser().get('/v0/search/users?page=1&page_size=20')).body;
    expect(all.total_hits).toBeGreaterThanOrEqual(3);
    const second = (await search(kit, '', 2, 2)).body;
    expect(second).toMatchObject({
      page: 2,
      page_size: 2,
      total_hits: all.total_hits,
      total_pages: Math.ceil(all.total_hits / 2),
    });
    expect(second.users).toEqual(all.users.slice(2, 4));
    const past = (await search(kit, '', 900, 20)).body;
    expect([past.users, past.total_hits]).toEqual([[], all.total_hits]);
  });

  test.each([
    ['page=1&page_size=21', 400, 'general:validation_error'],
    ['page=1&page_size=0', 400, 'general:validation_error'],
    ['page=0&page_size=1', 400, 'general:validation_error'],
    ['page=1&page_size=1&query=%20%20', 400, 'general:validation_error'],
    [`page=1&page_size=1&query=${'a'.repeat(101)}`, 400, 'general:validation_error'],
    ['page=1', 400, 'general:bad_request'],
    ['page_size=1', 400, 'general:bad_request'],
    ['page=-1&page_size=1', 400, 'general:bad_request'],
    ['page=x&page_size=1', 400, 'general:bad_request'],
    ['page=1.5&page_size=1', 400, 'general:bad_request'],
    ['page=1&page_size=', 400, 'general:bad_request'],
    ['page=1&page_size=1&query=a&query=b', 400, 'general:bad_request'],
    ['page=1&page_size=1&query=%00', 400, 'general:bad_request'],
  ])('%s is refused', async (query, status, code) => {
    expectError(await kit.browser().get(`/v0/search/users?${query}`), status, code);
  });

  test('a hundred characters of any kind are taken', async () => {
    for (const text of ['💥'.repeat(100), 'a '.repeat(50), "'".repeat(100), '"*'.repeat(50), 'é'.repeat(100)]) {
      expectStatus(await search(kit, text), 200);
    }
  });
});

axumKitOnOneEngine('Search where every profile is public', { policy: { 'profiles.public': 'all' } }, (kit) => {
  test('finds people of every dialect, also without a username', async () => {
    const { id } = await kit.stage.member({ body: { name: 'Slartibartfast' } });
    const { users } = (await search(kit, 'slartibartfast')).body;
    expect(users).toEqual([{ id, handle: expect.any(String), display_name: 'Slartibartfast' }]);
  });
});
