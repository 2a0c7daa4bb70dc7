/**
 * `node bench/sign-up-rules.ts`: how long a project with as many sign-up rules as it may have keeps the process from its
 * other projects: when its configuration is read, and at each of its sign-ups. Bound 10 ms for conditions without patterns
 * that are made to be slow; those are stopped after 50 ms for all rules of a sign-up.
 */

import { emailForm } from '../src/base/email-form.ts';
import { celConditions } from '../src/conditions/cel-conditions.ts';
import { defaultPolicy } from '../src/core/policy.ts';
import { judgeSignUp, mostConditionText, mostSignUpRules, type SignUpRule } from '../src/core/users/judge-sign-up.ts';

/** As much text as all conditions may have together. */
const long = (at: number): string => {
  const parts: string[] = [];
  while (parts.join(' || ').length < mostConditionText / mostSignUpRules)
    parts.push(`email == "${at}-${parts.length}@a.b"`);
  return parts.slice(0, -1).join(' || ');
};
const kinds: Readonly<Record<string, (at: number) => string>> = {
  short: (at) => `emailDomain == "rival${at}.example"`,
  'as long as they may be': long,
  'with patterns': (at) => `email.matches("^[a-z]+${at}@")`,
  'with lists': (at) => `["a${at}", "b", "c"].exists(one, emailDomain == one)`,
  'with patterns made to be slow': (at) => `email.matches("^(a+)+${at}$")`,
};

function milliseconds(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

console.log(`${mostSignUpRules} rules, ms               read   first sign-up   later, median of 200   worst`);
for (const [kind, condition] of Object.entries(kinds)) {
  const rules = Array.from(
    { length: mostSignUpRules },
    (_, at): SignUpRule => ({ id: `r${at}`, priority: 0, condition: condition(at), action: 'reject' }),
  );
  const conditions = celConditions();
  const read = milliseconds(() => {
    for (const rule of rules) if (conditions.problem(rule.condition!) !== null) throw new Error(rule.condition!);
  });
  const policy = { ...defaultPolicy, signUp: { ...defaultPolicy.signUp, rules } };
  const project = { id: 'p', key: 'p', displayName: 'P', tenancyId: 'p', ownerOrganizationId: null, policy };
  const signUp = () =>
    void judgeSignUp(
      { project, conditions },
      { email: emailForm(`${'a'.repeat(40)}!@mail.example.com`), method: 'password', provider: null },
    );
  const first = milliseconds(signUp);
  const later = Array.from({ length: 200 }, () => milliseconds(signUp)).sort((a, b) => a - b);
  const columns = [read, first, later[100]!, later.at(-1)!].map((ms) => ms.toFixed(2).padStart(12));
  console.log(kind.padEnd(30), columns.join(' '));
}
