import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { createPermission } from '../../../src/core/permissions/define-permission.ts';
import type { ConfigOverrides } from '../../../src/core/projects/project-record.ts';
import { readOwnLevel, updateProject } from '../../../src/core/projects/write-config.ts';
import { onlyTheme } from '../../../src/http/hexclave/config/defaults.ts';
import { flatten } from '../../../src/http/hexclave/config/flatten.ts';
import { configProblems, knownPaths } from '../../../src/http/hexclave/config/known-paths.ts';
import { providersOf } from '../../../src/http/hexclave/config/providers.ts';
import { renderedTree } from '../../../src/http/hexclave/config/rendered.ts';
import { onOneEngine } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

// What is accepted is answered as it was written, and does something, or the documentation says that it does not.

const values: readonly unknown[] = [
  ...[
    true,
    false,
    'link_method',
    'raise_error',
    'google',
    'github',
    'smtp',
    'hosted',
    onlyTheme,
    'allow',
    'reject',
    '',
  ],
  ...['text', 'another text', 0, 7, 1.5, 'email == "x"', 'email == "y"', ['com.example.a'], ['com.example.b'], [1], {}],
  ...['https://a.example', 'https://*.b.example', 'https://*.com', 'ftp://a.example', 'x'.repeat(12_000)],
];

/** Kept, answered, and without effect on what the server does. */
const withoutEffect = new Set([
  ...['auth.signUpRules.{id}.displayName', 'auth.signUpRules.{id}.action.message'],
  'domains.trustedDomains.{id}.handlerPath',
]);

/** Takes one value alone: the one that holds. */
const fixed = ['emails.server.isShared', 'emails.server.provider', 'emails.selectedThemeId', 'sourceOfTruth.type'];

/** What a path needs beside it. */
function companions(path: string): ConfigOverrides {
  if (path.startsWith('auth.signUpRules.')) return { 'auth.signUpRules.one.enabled': true };
  if (path.startsWith('domains.trustedDomains.')) return { 'domains.trustedDomains.one.baseUrl': 'https://c.example' };
  if (!path.startsWith('auth.oauth.providers.')) return {};
  const type = path.includes('appleBundles') ? 'apple' : 'facebook';
  const provider = { type, isShared: false, clientId: 'id', clientSecret: 'secret' };
  return Object.fromEntries(
    Object.entries(provider).map(([name, value]) => [`auth.oauth.providers.one.${name}`, value]),
  );
}

const permissions = { teamCreator: 'team_member', teamMember: 'team_admin', signUp: 'reader' };
const pathsOf = (template: string): readonly string[] =>
  template.includes('{set}')
    ? Object.entries(permissions).map(([set, name]) => template.replace('{set}', set).replace('{permission}', name))
    : [template.replaceAll('{id}', 'one')];

onOneEngine('what the configuration takes', {}, (world) => {
  const ctx = () => world.context('hexclave');
  const held = () => readOwnLevel(ctx(), aServer(), 'environment');

  beforeAll(() =>
    createPermission(ctx(), aServer(), { scope: 'project', name: 'reader', description: null, contains: [] }),
  );

  /** Everything that the configuration decides. */
  const effect = async () =>
    JSON.stringify([ctx().project.policy, providersOf(await held(), [], () => {}), ctx().providers.list().length]);

  for (const template of Object.keys(knownPaths)) {
    test(template, async () => {
      for (const path of pathsOf(template)) {
        const effects = new Set<string>();
        for (const value of values) {
          const overrides = { ...companions(path), [path]: value };
          if (configProblems(overrides).length > 0) continue;
          const write = updateProject(ctx(), aServer(), { overrides: () => overrides });
          const refused = await write.then(
            () => null,
            ({ code }) => code,
          );
          if (refused !== null) {
            expect(refused).toBe('config_rejected');
            continue;
          }
          expect(await held()).toEqual(overrides);
          const rendered = flatten(await renderedTree(ctx(), world.mainProject));
          // Secrets are answered by the level alone; what is taken away from a list is not in it.
          const gone = template.endsWith('.clientSecret') || (template.startsWith('rbac.') && value === false);
          expect(rendered[path]).toEqual(gone ? undefined : value);
          effects.add(await effect());
        }
        const said = fixed.includes(template) || withoutEffect.has(template);
        expect(effects.size > 1).toBe(!said);
      }
    });
  }

  test('what has no effect is documented', () => {
    const text = readFileSync('docs/dialects/hexclave.md', 'utf8');
    for (const path of [...withoutEffect, ...fixed]) expect(text).toContain(`\`${path}\``);
  });
});
