import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/base/json.ts';
import { maxMetadataBytes, readMetadata } from '../../src/core/metadata.ts';
import { hexclaveOnOneEngine } from '../kit/hexclave.ts';
import { organizations } from '../kit/organization.ts';
import { onOneEngine } from '../kit/stage.ts';

/** A value of so many bytes as JSON: `{"text":"xxx"}`. */
const ofBytes = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
const largest = ofBytes(maxMetadataBytes);
const tooLarge = ofBytes(maxMetadataBytes + 1);

test('metadata is measured in bytes of UTF-8, and nested as deep as its bytes allow', () => {
  const read = (value: JsonValue) => readMetadata('metadata', value);
  expect(read(largest)).toBe(largest);
  expect(() => read({ text: 'é'.repeat(maxMetadataBytes / 2) })).toThrow('metadata_too_large');
  let deep: JsonValue = [];
  for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
  expect(() => read(deep)).toThrow('metadata_too_large');
});

hexclaveOnOneEngine('Metadata over the Hexclave API', {}, (stage) => {
  const groups = ['client_metadata', 'client_read_only_metadata', 'server_metadata'] as const;
  const refused = (group: string) => ({
    status: 400,
    body: { code: 'SCHEMA_ERROR', error: `body.${group} must be at most 16384 bytes of JSON` },
  });

  test.each(groups)('%s of users and teams takes 16 kB, and no byte more', async (group) => {
    const project = await stage.project();
    const { user_id } = await project.signUp();
    const server = (route: `${string} /${string}`, body: object) => project.request(route, { access: 'server', body });
    const { id: team } = (await server('POST /teams', { display_name: 'T' })).body;
    const routes: [`${string} /${string}`, object][] = [
      ['POST /users', {}],
      [`PATCH /users/${user_id}`, {}],
      ['POST /teams', { display_name: 'T' }],
      [`PATCH /teams/${team}`, {}],
    ];
    for (const [route, body] of routes) {
      expect(await server(route, { ...body, [group]: tooLarge }), route).toMatchObject(refused(group));
      const taken = await server(route, { ...body, [group]: largest });
      expect(taken.body[group], route).toEqual(largest);
    }
  });

  test('what people say of themselves has the same bound', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const change = (client_metadata: object) =>
      project.request('PATCH /users/me', { token, body: { client_metadata } });
    expect(await change(tooLarge)).toMatchObject(refused('client_metadata'));
    expect((await change(largest)).status).toBe(200);
  });
});

const fields = { additionalFields: { one: 'string', two: 'string' }, apiKeyMetadata: true } as const;

onOneEngine('Metadata over the Better Auth API', { betterAuth: fields }, (stage) => {
  const org = organizations(stage);
  const half = 'x'.repeat(maxMetadataBytes / 2);
  const refused = {
    status: 400,
    body: {
      code: 'VALIDATION_ERROR',
      message: 'The metadata or additional fields are too large: at most 16384 bytes of JSON',
    },
  };

  test('the additional fields of a user are bounded together, also when they come one by one', async () => {
    const email = stage.address();
    const person = { email, password: 'correct horse', name: 'Ada' };
    expect(await stage.browser().post('/sign-up/email', { ...person, one: half, two: half })).toMatchObject(refused);
    const { browser } = await stage.member({ body: { one: half } });
    expect(await browser.post('/update-user', { two: half })).toMatchObject(refused);
    expect((await browser.post('/update-user', { one: 'x', two: half })).status).toBe(200);
  });

  test('organizations and API keys', async () => {
    const { owner, id } = await org.found();
    const { browser } = owner;
    const named = { name: 'O', slug: org.slug() };
    expect(await browser.post('/organization/create', { ...named, metadata: tooLarge })).toMatchObject(refused);
    const update = (metadata: object) =>
      browser.post('/organization/update', { organizationId: id, data: { metadata } });
    expect(await update(tooLarge)).toMatchObject(refused);
    expect((await update(largest)).status).toBe(200);
    expect(await browser.post('/api-key/create', { metadata: tooLarge })).toMatchObject(refused);
    expect((await browser.post('/api-key/create', { metadata: largest })).status).toBe(200);
  });
});
