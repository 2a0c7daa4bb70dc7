import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { reservedUserFields } from '../../src/config/reserved-names.ts';
import { allRoutes } from '../../src/http/better-auth/routes.ts';
import { userSchema } from '../../src/http/better-auth/schemas.ts';

/** What the start says about a configuration file; empty when it starts. */
function refusal(file: object): string {
  try {
    readConfig({
      env: {},
      cwd: '/srv',
      fileText: JSON.stringify(file),
      generatedSecret: () => 'q7Zk2mX9vB4nL8sD1wR6tY3uJ5hG0fKp',
    });
    return '';
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.message;
    throw fault;
  }
}
const withFields = (json: string) => refusal(JSON.parse(`{"betterAuth":{"additionalFields":{${json}}}}`));

describe('names that mean something already are refused at the start', () => {
  test.each(['emailVerified', 'id', 'role', 'banned', 'password', 'sub', '__proto__', 'constructor', 'toString'])(
    'the additional field %s',
    (name) => {
      expect(withFields(`"plan":"string","${name}":"string"`)).toContain(
        `uses ${name}: users, sign-up or tokens have members of that name already`,
      );
    },
  );

  test.each([
    ['{"type":"text"}', 'is not one of string, number, boolean'],
    ['{"type":"string","returned":false}', 'has the unknown option returned'],
    ['{"type":"number","default":"1"}', 'has a default that is no number'],
    ['{"type":"date","default":"soon"}', 'has a default that is no date'],
    ['{"type":"string","required":true,"input":false}', 'is required from people who may not set it'],
  ])('an additional field that is %s is refused, too', (field, words) => {
    expect(withFields(`"plan":${field}`)).toContain(`plan ${words}`);
  });

  test('other names are free', () => expect(withFields('"plan":"string","roleTitle":"string"')).toBe(''));

  test('every member that a user is shown with is reserved', () => {
    expect(Object.keys(userSchema.properties).filter((name) => !reservedUserFields.has(name))).toEqual([]);
  });

  test('so is every member of the bodies that may hold additional fields', () => {
    const paths = ['/sign-up/email', '/update-user', '/sign-in/email-otp'];
    const bodies = allRoutes.filter(({ method, path }) => method === 'POST' && paths.includes(path));
    expect(bodies).toHaveLength(paths.length);
    const members = bodies.flatMap(({ body }) => Object.keys((body as unknown as { properties: object }).properties));
    expect(members.filter((name) => !reservedUserFields.has(name))).toEqual([]);
  });

  test.each(['constructor', 'admin', 'user'])('the custom role %s', (role) => {
    expect(refusal({ policy: { admin: { customRoles: { [role]: { users: ['list'] } } } } })).toContain('customRoles');
  });

  test.each(['credential', 'constructor'])('the provider %s', (key) => {
    const provider = { type: 'oidc', clientId: 'a', clientSecret: 'b', issuer: 'https://id.example' };
    expect(refusal({ providers: { [key]: provider } })).toContain('is a name that means something else here');
    expect(refusal({ providers: { corp: provider } })).toBe('');
  });
});
