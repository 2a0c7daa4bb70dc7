import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { systemActor } from '../../../src/core/actor.ts';
import { removeReleasedFiles } from '../../../src/core/files/remove-released-files.ts';
import { deleteUserByAdmin } from '../../../src/core/users/delete-user.ts';
import { type AxumKitStage, axumKitOnOneEngine, expectError, expectStatus } from '../../kit/axumkit.ts';
import type { Browser, Reply } from '../../kit/browser.ts';
import { animatedGif, html, jpeg, png, pngBomb, pngOf, svg, upload, webp } from '../../kit/images.ts';

const paths = { profile: '/v0/user/me/profile-image', banner: '/v0/user/me/banner-image' } as const;
const limits = { profile: 4_194_304, banner: 8_388_608 } as const;
const slots = ['profile', 'banner'] as const;

/** As a browser sends a form, or any bytes of any type. */
async function send(browser: Browser, path: string, body: FormData | Uint8Array, type?: string): Promise<Reply> {
  const response = await browser.fetch(`${browser.base}${path}`, {
    method: 'POST',
    body: body instanceof FormData ? body : Uint8Array.from(body),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
    setCookies: response.headers.getSetCookie(),
  };
}

async function uploaded(browser: Browser, bytes: Uint8Array, slot: keyof typeof paths = 'profile'): Promise<string> {
  const reply = await send(browser, paths[slot], upload(bytes));
  expectStatus(reply, 201);
  return reply.body.image_url;
}

const stored = ({ world }: AxumKitStage): string[] => {
  const folder = join(world.dataDir, 'files');
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))
    : [];
};
const keyOf = (url: string): string => url.split('/').at(-1)!;
const isStored = (kit: AxumKitStage, url: string): boolean => stored(kit).some((name) => name.endsWith(keyOf(url)));

axumKitOnOneEngine('POST profile-image and banner-image (spec §2.5)', {}, (kit) => {
  const sweep = () => removeReleasedFiles(kit.world.app.mainProject.context('pages'));

  test.each(slots)('a %s image is stored as WebP and shown by its full address', async (slot) => {
    const { browser, handle } = await kit.resident();
    const reply = await send(browser, paths[slot], upload(await png()));
    expectStatus(reply, 201);
    const { image_url: url } = reply.body;
    expect(Object.keys(reply.body)).toEqual(['image_url']);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/-\/files\/[0-9a-f-]{36}\/user-images\/[0-9a-f]{64}\.webp$/);
    expect((await browser.get('/v0/user/me')).body[`${slot}_image`]).toBe(url);
    expect((await kit.browser().get(`/v0/users/profile?handle=${handle}`)).body[`${slot}_image`]).toBe(url);
    const image = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect((await sharp(image).metadata()).format).toBe('webp');
  });

  test('JPEG, WebP and GIF are taken too; the name and the type that are sent count for nothing', async () => {
    const { browser } = await kit.resident();
    for (const make of [jpeg, webp, animatedGif]) {
      const form = upload(await make(), { name: '../../etc/passwd.svg', type: 'image/svg+xml' });
      const reply = await send(browser, paths.profile, form);
      expectStatus(reply, 201);
      const served = await fetch(reply.body.image_url);
      expect(served.headers.get('content-type')).toBe('image/webp');
    }
    expect(stored(kit).every((name) => /^[0-9a-f-]{36}\/user-images\/[0-9a-f]{64}\.webp$/.test(name))).toBe(true);
  });

  test.each([
    ['without a file name', 'form-data; name="file"', ''],
    ['with a type and no file name', 'form-data; name="file"', 'Content-Type: image/png\r\n'],
    ['with an empty file name', 'form-data; name="file"; filename=""', ''],
  ])('a part %s is a file all the same, byte for byte', async (_what, disposition, more) => {
    const { browser } = await kit.resident();
    const head = `--b\r\nContent-Disposition: ${disposition}\r\n${more}\r\n`;
    const body = Buffer.concat([Buffer.from(head), await png(), Buffer.from('\r\n--b--\r\n')]);
    expectStatus(await send(browser, paths.profile, body, 'multipart/form-data; boundary=b'), 201);
  });

  test('of several parts `file` the last counts, others are ignored', async () => {
    const { browser } = await kit.resident();
    const form = upload(svg());
    form.append('other', 'x');
    form.append('file', new Blob([Uint8Array.from(await png())]), 'x');
    expectStatus(await send(browser, paths.profile, form), 201);
  });

  test.each([
    ['an SVG', () => svg()],
    ['a page', () => html()],
    ['nothing', () => new Uint8Array()],
    ['many pixels in few bytes', () => pngBomb(30_000, 30_000)],
    ['half an image', async () => (await png(300, 300)).subarray(0, 200)],
  ])('%s is general:bad_request, and nothing is stored', async (_what, make) => {
    const { browser } = await kit.resident();
    const before = stored(kit);
    expectError(await send(browser, paths.profile, upload(await make())), 400, 'general:bad_request');
    expect(stored(kit)).toEqual(before);
    expect((await browser.get('/v0/user/me')).body).not.toHaveProperty('profile_image');
  });

  test.each([
    ['JSON', '{}', 'application/json'],
    ['no type', 'x', undefined],
    ['no boundary', 'x', 'multipart/form-data'],
    ['a boundary that does not come', 'x', 'multipart/form-data; boundary=abc'],
    [
      'a body that breaks off',
      '--abc\r\nContent-Disposition: form-data; name="file"\r\n\r\nx',
      'multipart/form-data; boundary=abc',
    ],
    ['an empty form', '--abc--\r\n', 'multipart/form-data; boundary=abc'],
    ['no body', '', 'multipart/form-data; boundary=abc'],
  ])('%s is general:bad_request', async (_what, body, type) => {
    const { browser } = await kit.resident();
    expectError(await send(browser, paths.profile, Buffer.from(body), type), 400, 'general:bad_request');
  });

  test('a part of another name is general:bad_request', async () => {
    const { browser } = await kit.resident();
    const form = upload(await png(), { part: 'image' });
    expectError(await send(browser, paths.profile, form), 400, 'general:bad_request');
  });

  test.each(slots)('a body over the limit of the %s route is file:read_error', async (slot) => {
    const { browser } = await kit.resident();
    const form = upload(new Uint8Array(limits[slot]));
    expectError(await send(browser, paths[slot], form), 400, 'file:read_error');
  });

  test('the banner takes what is too large for the profile', async () => {
    const { browser } = await kit.resident();
    const padded = Buffer.concat([await png(), new Uint8Array(limits.profile)]);
    expectError(await send(browser, paths.profile, upload(padded)), 400, 'file:read_error');
    expectStatus(await send(browser, paths.banner, upload(padded)), 201);
  });

  test('nobody signed in is 401, whatever the body', async () => {
    for (const slot of slots) {
      expectError(await send(kit.browser(), paths[slot], upload(svg())), 401, 'user:unauthorized');
      expectError(await kit.browser().send('DELETE', paths[slot]), 401, 'user:unauthorized');
    }
  });

  test('a page of another origin cannot upload in somebody’s name (rule 23)', async () => {
    const { browser } = await kit.resident();
    browser.headers = { ...browser.headers, origin: 'https://evil.example' };
    expect((await send(browser, paths.profile, upload(await png()))).status).toBe(403);
  });

  test('a new image replaces the old one, whose bytes go once nobody shows them', async () => {
    const { browser } = await kit.resident();
    const first = await uploaded(browser, await pngOf(1));
    const second = await uploaded(browser, await pngOf(2));
    expect((await browser.get('/v0/user/me')).body.profile_image).toBe(second);
    expect([(await fetch(first)).status, (await fetch(second)).status]).toEqual([404, 200]);
    await sweep();
    expect([isStored(kit, first), isStored(kit, second)]).toEqual([false, true]);
    expect([(await fetch(first)).status, (await fetch(second)).status]).toEqual([404, 200]);
  });

  test('the same image of two people is stored once and stays until the last lets go of it', async () => {
    const [ada, bob] = [await kit.resident(), await kit.resident()];
    const url = await uploaded(ada.browser, await pngOf(3));
    expect(await uploaded(bob.browser, await pngOf(3), 'banner')).toBe(url);
    expectStatus(await ada.browser.send('DELETE', paths.profile), 204);
    expect((await fetch(url)).status).toBe(200);
    await sweep();
    expect((await fetch(url)).status).toBe(200);
    expectStatus(await bob.browser.send('DELETE', paths.banner), 204);
    expect((await fetch(url)).status).toBe(404);
    await sweep();
    expect((await fetch(url)).status).toBe(404);
    expect(isStored(kit, url)).toBe(false);
  });

  test('uploaded again after it went, it is there again', async () => {
    const { browser } = await kit.resident();
    const url = await uploaded(browser, await pngOf(4));
    expectStatus(await browser.send('DELETE', paths.profile), 204);
    await sweep();
    expect(await uploaded(browser, await pngOf(4))).toBe(url);
    await sweep();
    expect((await fetch(url)).status).toBe(200);
  });

  test('the images of a deleted person go with them', async () => {
    const { browser, id } = await kit.resident();
    const urls = [await uploaded(browser, await pngOf(5)), await uploaded(browser, await pngOf(6), 'banner')];
    await deleteUserByAdmin(kit.world.app.mainProject.context('cli'), systemActor, id);
    await sweep();
    for (const url of urls) {
      expect((await fetch(url)).status).toBe(404);
      expect(isStored(kit, url)).toBe(false);
    }
  });

  test.each(slots)('DELETE takes the %s image away; without one it is system:not_found', async (slot) => {
    const { browser } = await kit.resident();
    expectError(await browser.send('DELETE', paths[slot]), 404, 'system:not_found');
    await uploaded(browser, await png(), slot);
    expectStatus(await browser.send('DELETE', paths[slot]), 204);
    expect((await browser.get('/v0/user/me')).body).not.toHaveProperty(`${slot}_image`);
    expectError(await browser.send('DELETE', paths[slot]), 404, 'system:not_found');
  });

  test('both are written down, for everybody to see like the profile itself', async () => {
    const { browser, id } = await kit.resident();
    await uploaded(browser, await png());
    await browser.send('DELETE', paths.profile);
    const events = await kit.world.app.mainProject.store.read.events.listOf(id, { limit: 2 });
    const said = events.map(({ type, visibility, data }) => ({ type, visibility, data }));
    const one = { type: 'account.image_changed', visibility: 'public', data: { image: 'profile' } };
    expect(said).toEqual([one, one]);
  });
});

axumKitOnOneEngine('Images across dialects (core map U6)', {}, (kit) => {
  const elsewhere = 'https://pictures.example/ada.png';

  test('Better Auth shows our file; an address set there replaces it, and the file’s own address changes nothing', async () => {
    const { browser, email } = await kit.resident();
    const url = await uploaded(browser, await png());
    const other = await kit.stage.signIn({ email });
    const image = async () => (await other.get('/get-session')).body.user.image;
    expect(await image()).toBe(url);
    expect((await other.post('/update-user', { image: url })).status).toBe(200);
    expect((await browser.get('/v0/user/me')).body.profile_image).toBe(url);
    expect((await other.post('/update-user', { image: elsewhere })).status).toBe(200);
    expect(await image()).toBe(elsewhere);
    expect((await browser.get('/v0/user/me')).body.profile_image).toBe(elsewhere);
    expect(await uploaded(browser, await png())).toBe(url);
    expect(await image()).toBe(url);
  });

  test('an address set elsewhere is an image that can be taken away', async () => {
    const { browser, email } = await kit.resident();
    await (await kit.stage.signIn({ email })).post('/update-user', { image: elsewhere });
    expectStatus(await browser.send('DELETE', paths.profile), 204);
    expect((await browser.get('/v0/user/me')).body).not.toHaveProperty('profile_image');
  });
});
