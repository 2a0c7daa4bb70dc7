import { describe, expect, test } from 'vitest';
import { applyPolicy, policyKeys } from '../../src/config/policy-keys.ts';
import { defaultPolicy } from '../../src/core/policy.ts';

function leaves(branch: object, prefix = ''): string[] {
  return Object.entries(branch).flatMap(([name, value]) => {
    const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
    // A table that the operator fills is one rule.
    const isTable = isBranch && Object.keys(value).length === 0;
    return isBranch && !isTable ? leaves(value, `${prefix}${name}.`) : [`${prefix}${name}`];
  });
}

describe('Policy keys', () => {
  test('every rule of the policy has one, and there are no others', () => {
    expect(Object.keys(policyKeys).toSorted()).toEqual(leaves(defaultPolicy).toSorted());
  });

  test('the default of every rule is within its own bounds', () => {
    for (const [name, { form }] of Object.entries(policyKeys)) {
      const value = name.split('.').reduce<unknown>((branch, part) => (branch as never)[part], defaultPolicy);
      expect(form.read(value), name).toHaveProperty('value');
    }
  });
});

describe('Applying overrides', () => {
  test('changes what is named and nothing else', () => {
    const policy = applyPolicy(defaultPolicy, {
      'password.minLength': 12,
      'mfa.askOn.passkey': false,
      'session.maxIdleSeconds': 3600,
      'redirects.origins': ['https://app.example.com', 'https://*.example.com', 'myapp://callback'],
    });
    expect(policy).toEqual({
      ...defaultPolicy,
      password: { ...defaultPolicy.password, minLength: 12 },
      mfa: { ...defaultPolicy.mfa, askOn: { ...defaultPolicy.mfa.askOn, passkey: false } },
      session: { ...defaultPolicy.session, maxIdleSeconds: 3600 },
      redirects: {
        ...defaultPolicy.redirects,
        origins: ['https://app.example.com', 'https://*.example.com', 'myapp://callback'],
      },
    });
    expect(defaultPolicy.password.minLength).toBe(8);
  });

  test('takes nested objects as well as dotted keys', () => {
    const nested = { users: { selfDeletion: true, mayRemoveLastMethod: true }, mfa: { askOn: { provider: false } } };
    expect(applyPolicy(defaultPolicy, nested)).toEqual(
      applyPolicy(defaultPolicy, {
        'users.selfDeletion': true,
        'mfa.askOn.provider': false,
        'users.mayRemoveLastMethod': true,
      }),
    );
  });

  test('a pattern becomes a regular expression', () => {
    const { username } = applyPolicy(defaultPolicy, { 'username.pattern': '^[a-z]+$' });
    expect(username.pattern.test('alice')).toBe(true);
    expect(username.pattern.test('Alice')).toBe(false);
  });

  test.each([
    [{ 'password.minLenght': 8 }, 'The nearest known key is password.minLength'],
    [{ minLength: 8 }, 'is not a known policy key'],
    [{ password: 8 }, 'is not a known policy key'],
    [{ constructor: {} }, 'is not a known policy key'],
    [{ 'password.minLength': 0 }, 'a whole number from 1 to 128'],
    [{ 'password.minLength': '8', password: { minLength: 9 } }, 'is given twice'],
    [{ emailVerification: 'sometimes' }, 'one of optional, required'],
    [{ 'session.maxAbsoluteSeconds': 31_708_801 }, 'a whole number from'],
    [{ 'username.minLength': 40 }, 'is more than username.maxLength'],
    [{ 'username.pattern': '[a-z]+' }, 'a regular expression from ^ to $'],
    [{ 'username.pattern': '^.+$' }, 'does not allow @'],
    [{ 'username.pattern': '^($' }, 'a regular expression'],
    [{ 'redirects.origins': ['*'] }, 'a list of origins'],
    [{ 'redirects.origins': ['https://*.com'] }, 'a list of origins'],
    [{ 'redirects.origins': ['https://**'] }, 'a list of origins'],
    [{ 'redirects.origins': ['https://app.example.com/path'] }, 'a list of origins'],
    [{ 'redirects.origins': ['https://good@evil.example'] }, 'a list of origins'],
    [{ 'redirects.origins': ['javascript://x'] }, 'a list of origins'],
    [{ 'admin.userIds': ['not an id'] }, 'a list of user ids'],
    [{ 'admin.customRoles': { admin: { users: ['list'] } } }, 'not admin'],
    [{ 'admin.customRoles': { support: { users: ['fly'] } } }, 'known resources are users'],
    [{ 'admin.customRoles': { support: { user: ['list'] } } }, 'known resources are users'],
    [{ 'admin.customRoles': { support: { users: 'list' } } }, 'an object of role names'],
  ])('%j is refused', (overrides, message) => {
    expect(() => applyPolicy(defaultPolicy, overrides)).toThrow(message);
  });
});
