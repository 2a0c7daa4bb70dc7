import { describe, expect, test } from 'vitest';
import { emailForm } from '../../src/base/email-form.ts';
import { celConditions } from '../../src/conditions/cel-conditions.ts';
import { defaultPolicy } from '../../src/core/policy.ts';
import { judgeSignUp, type SignUpRule } from '../../src/core/users/judge-sign-up.ts';

const facts = {
  email: 'ada@mail.example.com',
  emailDomain: 'mail.example.com',
  countryCode: '',
  authMethod: 'password',
  oauthProvider: '',
  riskScores: { bot: 0, free_trial_abuse: 0 },
};

describe('conditions of sign-up rules', () => {
  const conditions = celConditions();

  test.each([
    ['email.contains("@mail.")', true],
    ['email.startsWith("ada") && emailDomain.endsWith("example.com")', true],
    ['email.matches("^a.a@")', true],
    ['emailDomain in ["example.com", "mail.example.com"]', true],
    ['authMethod == "otp" || countryCode == ""', true],
    ['riskScores.bot > 0', false],
    ['authMethod == "oauth"', false],
  ])('%s is %s', (condition, expected) => {
    expect(conditions.problem(condition)).toBeNull();
    expect(conditions.about(facts, [])(condition)).toBe(expected);
  });

  test.each(['email ==', 'unknown == 1', 'email', '1 + 1', 'email.matches("(")', '('.repeat(5000), 'process.exit()'])(
    'what is broken holds for nobody: %#',
    (condition) => {
      expect(conditions.about(facts, [])(condition)).toBe(false);
      // And is refused by the same reading when it is written.
      expect(conditions.problem(condition)).toEqual(expect.any(String));
    },
  );

  test('a pattern that would run for ever is stopped, and holds for nobody', () => {
    const email = `${'a'.repeat(60)}!`;
    expect(conditions.about({ ...facts, email }, [])('email.matches("^(a+)+$")')).toBe(false);
    // The thread is free again and the next sign-up is answered.
    expect(conditions.about({ ...facts, email }, [])('email.endsWith("!")')).toBe(true);
  });
});

describe('many conditions about one sign-up', () => {
  const email = `${'a'.repeat(60)}!`;
  const slow = (at: number) => `email.matches("^(a+)+$") && ${at} > 0`;

  test('share one bound of time: what is asked when it is used up holds for nobody', () => {
    const holds = celConditions().about({ ...facts, email }, []);
    for (let at = 0; at < 60; at += 1) expect(holds(slow(at))).toBe(false);
    expect(holds('email.endsWith("!")')).toBe(false);
  });

  test('that may take long are asked together, and one that is slow takes the time of those after it alone', () => {
    const quick = ['email.matches("^a+!$")', 'email.matches("^b")', 'email.matches("!$")'];
    const [first, second, last] = quick as [string, string, string];
    const holds = celConditions().about({ ...facts, email }, [first, second, slow(0), last]);
    expect([first, second, slow(0), last].map(holds)).toEqual([true, false, false, false]);
    expect(quick.map(celConditions().about({ ...facts, email }, quick))).toEqual([true, false, true]);
  });

  test('are all asked while there is time', () => {
    const holds = celConditions().about(facts, []);
    for (let at = 0; at < 100; at += 1) expect(holds(`email.startsWith("ada") && ${at} >= 0`)).toBe(true);
  });
});

describe('sign-up rules', () => {
  const judge = (rules: readonly Partial<SignUpRule>[], defaultAction: 'allow' | 'reject' = 'allow') =>
    judgeSignUp(
      {
        project: {
          ...{ id: 'p', key: 'p', displayName: 'P', appUrl: null, tenancyId: 'p', ownerOrganizationId: null },
          policy: {
            ...defaultPolicy,
            signUp: {
              ...defaultPolicy.signUp,
              defaultAction,
              rules: rules.map((rule, at) => ({
                ...{ id: String(at), priority: 0, condition: null, action: 'allow' as const },
                ...rule,
              })),
            },
          },
        },
        conditions: celConditions(),
      },
      { email: emailForm('Ada@Example.com'), method: 'password', provider: null },
    );

  test('none of them: the default decides', () => {
    expect(judge([])).toEqual({ admitted: true, restrictedBy: null, applied: [] });
    expect(judge([], 'reject').admitted).toBe(false);
  });

  test('the highest priority decides first, then the smallest id', () => {
    expect(judge([{ action: 'reject' }, { action: 'allow', priority: 1 }]).applied).toEqual(['1']);
    expect(
      judge([
        { id: 'b', action: 'allow' },
        { id: 'a', action: 'reject' },
      ]).admitted,
    ).toBe(false);
  });

  test('restricting and logging leave the decision to those after them; the first restriction counts', () => {
    expect(judge([{ action: 'log' }, { action: 'restrict' }, { action: 'restrict' }], 'allow')).toEqual({
      admitted: true,
      restrictedBy: '1',
      applied: ['0', '1', '2'],
    });
    expect(judge([{ action: 'restrict' }, { action: 'reject' }]).admitted).toBe(false);
  });

  test('addresses are compared in their normal form', () => {
    expect(judge([{ condition: 'email == "ada@example.com"', action: 'reject' }]).admitted).toBe(false);
    expect(judge([{ condition: 'email == "Ada@Example.com"', action: 'reject' }]).admitted).toBe(true);
  });
});
