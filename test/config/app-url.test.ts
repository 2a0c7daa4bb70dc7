import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';

const appUrls = (env: Record<string, string>, file: object = {}) =>
  Object.fromEntries(
    readConfig({ env, cwd: '/', fileText: JSON.stringify(file), generatedSecret: () => 'a secret' }).projects.map(
      ({ key, appUrl }) => [key, appUrl],
    ),
  );
const app = 'https://app.example.com';
const shop = 'https://shop.example.com';

test('APP_URL is the application of the first project, the file names those of all', () => {
  expect(appUrls({ APP_URL: `${app}/` })).toMatchObject({ default: app, internal: null });
  expect(appUrls({}, { appUrl: app })).toMatchObject({ default: app });
  const projects = { default: { appUrl: app }, shop: { appUrl: shop } };
  expect(appUrls({}, { projects })).toMatchObject({ default: app, shop });
  expect(appUrls({ APP_URL: 'http://localhost:5173' }, { projects })).toMatchObject({
    default: 'http://localhost:5173',
    shop,
  });
});

test('pages that AxumKit’s mails lead to are the application’s, where nothing else is said', () => {
  const axumkit = { frontendUrl: shop };
  expect(appUrls({}, { axumkit })).toMatchObject({ default: shop });
  expect(appUrls({}, { projects: { default: { appUrl: app, axumkit } } })).toMatchObject({ default: app });
});

test('it is an origin', () => {
  for (const wrong of ['app.example.com', 'https://app.example.com/start', 'myapp://', '/']) {
    expect(() => appUrls({ APP_URL: wrong })).toThrow(/APP_URL/);
  }
});
