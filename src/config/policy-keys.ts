import type { PolicyOverrides } from '../base/configuration.ts';
import { passkeyApp } from '../base/passkey-app.ts';
import { defaultPolicy, type Policy } from '../core/policy.ts';
import { type Form, isPlainObject, list, oneOf, onOff, orNull, text, wholeNumber } from './forms.ts';
import { nearestName } from './nearest.ts';
import {
  customRoles,
  grantName,
  hostName,
  originPattern,
  reservedName,
  signUpRules,
  userId,
  usernamePattern,
} from './policy-forms.ts';
import { ConfigError, type Problem } from './problem.ts';
import { echoed } from './section.ts';

interface PolicyKey {
  readonly form: Form<unknown>;
  readonly says: string;
}

const flag = (says: string): PolicyKey => ({ form: onOff, says });

/** Every leaf of `Policy`, with its bounds. `docs/configuration.md` is made from this table. */
export const policyKeys: Readonly<Record<string, PolicyKey>> = {
  'methods.password': flag('People may sign in with a password.'),
  'methods.passkey': flag('People may make and use passkeys.'),
  'methods.mailLink': flag('People may sign in by a mailed link.'),
  'methods.mailCode': flag('People may sign in by a mailed code.'),
  'signUp.enabled': flag('New people may sign up.'),
  'signUp.perNetworkHourly': {
    form: orNull(wholeNumber(1, 1_000_000)),
    says: 'Accounts that may be made from one network (/24 of IPv4, /64 of IPv6) in an hour; null is no limit.',
  },
  'signUp.concealTaken': {
    form: oneOf('auto', 'always'),
    says: '`auto` hides that an address is taken where sign-up opens no session; `always` opens none at sign-up.',
  },
  'signUp.rules': {
    form: signUpRules,
    says: 'Rules about who may sign up: `[{"id": "partners", "priority": 1, "condition": "emailDomain == \'example.com\'", "action": "allow"}]`; actions are `allow`, `reject`, `restrict`, `log`.',
  },
  'signUp.defaultAction': { form: oneOf('allow', 'reject'), says: 'What happens to people no rule decides about.' },
  emailVerification: {
    form: oneOf('optional', 'required'),
    says: '`required`: nobody has a session before their primary address is verified.',
  },
  'emails.verifyOnSignUp': flag('Sign-up mails a verification link.'),
  'emails.changeEnabled': flag('People may change their address.'),
  'emails.signInAfterVerification': flag('Following a verification link also signs in.'),
  'password.minLength': { form: wholeNumber(1, 128), says: 'Shortest new password, in characters.' },
  'password.dialectMaxima': flag('Off lifts every dialect’s own maximum to 256 characters.'),
  'username.minLength': { form: wholeNumber(1, 64), says: 'Shortest new username.' },
  'username.maxLength': { form: wholeNumber(1, 64), says: 'Longest new username.' },
  'username.pattern': { form: usernamePattern, says: 'What a username may look like.' },
  'username.reserved': { form: list('usernames', reservedName), says: 'Usernames nobody may take.' },
  'username.holdDays': {
    form: wholeNumber(0, 3650),
    says: 'How long the username of a deleted person stays taken, in days.',
  },
  'username.checkEndpoint': flag('Anybody may ask whether a username is free.'),
  'username.immutable': flag('A username, once set, stays.'),
  'passkeys.rpId': {
    form: orNull(hostName),
    says: 'Relying party of passkeys; null is the host a dialect answers on. Passkeys of another one stop working.',
  },
  'passkeys.apps': {
    form: list(
      'applications such as android:com.example.app/<SHA-256 fingerprint> or apple:TEAMID1234.com.example.app',
      (text) => (passkeyApp(text) ? text : undefined),
    ),
    says: 'Applications on devices that may use the passkeys; served below `/.well-known/` as Android and Apple read it.',
  },
  'users.selfDeletion': flag('People may delete their own account.'),
  'users.deletionProof': {
    form: oneOf('mail', 'direct'),
    says: '`mail` sends a link first; `direct` takes a password or a fresh session.',
  },
  'users.mayRemoveLastMethod': flag('People may remove their last way to sign in.'),
  'users.signUpGrants': {
    form: list('names of permissions', grantName),
    says: 'Permissions over the whole project that everybody starts with.',
  },
  'profiles.public': {
    form: oneOf('chosen', 'all'),
    says: 'Whose profile anybody may read and find: `chosen`, who signed up where profiles are public; `all`, everyone.',
  },
  'axumkit.publicLog': {
    form: oneOf('off', 'profile', 'all'),
    says: 'What the action log of AxumKit, which anybody may read, shows of people with a public profile: nothing, sign-up and changes of the profile, or also sign-ins, sign-outs and linked providers. What was recorded under another setting stays as it was recorded.',
  },
  'streams.perPerson': {
    form: wholeNumber(1, 100_000),
    says: 'Event streams that one person may hold open on one node.',
  },
  'streams.perAddress': {
    form: wholeNumber(1, 100_000),
    says: '… that may be open from one address (IPv4, or /64 of IPv6).',
  },
  'streams.perNode': {
    form: wholeNumber(1, 100_000),
    says: '… of the project altogether. Each takes about 25 kB of memory, up to 90 kB while its reader is slow.',
  },
  'session.maxIdleSeconds': {
    form: orNull(wholeNumber(60, 31_708_800)),
    says: 'Longest life of a session nobody uses, whatever the dialect asks.',
  },
  'session.maxAbsoluteSeconds': { form: wholeNumber(60, 31_708_800), says: 'Longest life of any session.' },
  'session.maxPerUser': {
    form: wholeNumber(1, 1_000),
    says: 'Sessions that one person may have. A sign-in beyond ends the one that was used longest ago.',
  },
  'credentials.strongProofSeconds': {
    form: wholeNumber(0, 86_400),
    says: 'How young a proof must be to remove or replace a password, a second factor or an address that signs in. 0 switches the test off.',
  },
  'session.freshSeconds': {
    form: wholeNumber(0, 31_708_800),
    says: 'How young a sign-in must be to count as proof of presence. 0 switches the test off.',
  },
  'codes.maxLifeSeconds': {
    form: wholeNumber(60, 604_800),
    says: 'Longest life of links and codes that sign in or reset a password.',
  },
  'mailLinks.confirm': flag(
    'A mailed link acts at once only where it shows who follows it: in the browser that asked for the mail, in one where that person is signed in, or by a script of the application. Anybody else gets a page with a button. `false`: opening it is enough, for mail scanners too.',
  ),
  'mfa.askOn.password': flag('The second factor is asked after a password.'),
  'mfa.askOn.provider': flag('… after a sign-in by a provider.'),
  'mfa.askOn.mail_link': flag('… after a mailed link.'),
  'mfa.askOn.mail_code': flag('… after a mailed code.'),
  'mfa.askOn.passkey': flag('… after a passkey.'),
  'mfa.mailCodeForTotp': flag(
    'People with an authenticator app may have the code of the second step mailed instead, to a verified address and not after a mailed link or code: whoever has password and mailbox gets by without the app.',
  ),
  'providers.merge': {
    form: oneOf('link', 'refuse', 'duplicate'),
    says: '`link` joins a provider’s verified address to the account with the same verified address, if the provider is trusted; `duplicate` makes another account, which does not sign in by that address.',
  },
  'providers.idTokensOnce': flag(
    'An ID token that an application brings (native sign-in, One Tap) is taken once; off for applications that show a kept one again.',
  ),
  'providers.linkDifferentEmails': flag('Signed-in people may connect an identity with another address.'),
  'organizations.userCreation': flag('People may make organizations.'),
  'organizations.limit': {
    form: orNull(wholeNumber(1, 1_000_000)),
    says: 'How many organizations one person may belong to, personal ones aside.',
  },
  'organizations.membershipLimit': {
    form: orNull(wholeNumber(1, 1_000_000)),
    says: 'How many members one organization may have.',
  },
  'organizations.invitationLimit': {
    form: orNull(wholeNumber(1, 1_000_000)),
    says: 'How many invitations of one organization may be open at a time.',
  },
  'organizations.deletion': flag('Owners may delete their organization.'),
  'organizations.teams': flag('Organizations may have teams.'),
  'organizations.dynamicRoles': flag('Organizations may make roles of their own.'),
  'organizations.requireVerifiedForInvitations': flag(
    'Only a verified address may accept an invitation; otherwise the mailed code also proves the address.',
  ),
  'organizations.personalOnSignUp': flag('Everybody who signs up gets an organization of their own.'),
  'organizations.creatorGrants': {
    form: orNull(list('names of permissions', grantName)),
    says: 'What founders of an organization get, by the names applications see; null is `team_admin`, the role of owners.',
  },
  'organizations.memberGrants': {
    form: orNull(list('names of permissions', grantName)),
    says: 'What members of an organization get; null is `team_member`, the role of members.',
  },
  'admin.userIds': {
    form: list('user ids', userId),
    says: 'People who may do everything over the admin API, whatever roles they have.',
  },
  'admin.impersonationSeconds': {
    form: wholeNumber(60, 86_400),
    says: 'How long an administrator stays signed in as somebody else.',
  },
  'admin.defaultBanReason': { form: text('a text'), says: 'Reason of a ban for which none is given.' },
  'admin.bannedMessage': {
    form: orNull(text('a text')),
    says: 'What banned people are told at sign-in; null is the text of the dialect.',
  },
  'admin.allowImpersonatingAdmins': flag('Whoever may impersonate people may impersonate administrators too.'),
  'admin.customRoles': {
    form: customRoles,
    says: 'Further roles: `{"support": {"users": ["list", "read"], "sessions": ["list"], "invoice": ["read"]}}`.',
  },
  'apiKeys.enabled': flag('People may make and use API keys.'),
  'apiKeys.personOwned': flag('API keys may belong to people.'),
  'apiKeys.organizationOwned': flag('Organizations may have API keys.'),
  'projectKeys.publishableRequired': flag('Browser applications must show a publishable key (Hexclave).'),
  'redirects.origins': {
    form: list('origins such as https://app.example.com or https://*.example.com', originPattern),
    says: 'Where people may be sent back to, and which origins may call from a browser.',
  },
  'redirects.localhost': flag('Also any address of the person’s own machine. For development.'),
};

/** Where overrides stand, for messages. */
interface PolicySource {
  readonly path: string;
  source(path: string): string;
}

/** Reads dotted keys and nested objects alike. What is returned holds plain JSON values under dotted keys. */
export function checkPolicy(
  tree: Readonly<Record<string, unknown>>,
  where: PolicySource,
): { readonly overrides: PolicyOverrides; readonly problems: readonly Problem[] } {
  const overrides: Record<string, unknown> = {};
  const problems: Problem[] = [];

  function report(name: string, problem: string, mend: string, nearest?: string | null): void {
    const path = `${where.path}.${name}`;
    problems.push({ key: path, source: where.source(path), problem, nearest, mend });
  }

  function walk(branch: Readonly<Record<string, unknown>>, prefix: string): void {
    for (const [name, given] of Object.entries(branch)) {
      const dotted = prefix === '' ? name : `${prefix}.${name}`;
      const row = Object.hasOwn(policyKeys, dotted) ? policyKeys[dotted] : undefined;
      if (row) {
        const reading = row.form.read(given);
        if (!('value' in reading)) {
          report(dotted, `is ${echoed(given)}, which ${reading.problem}`, 'Correct it or remove it.');
        } else if (Object.hasOwn(overrides, dotted)) report(dotted, 'is given twice', 'Keep one of the two.');
        else overrides[dotted] = given;
      } else if (isPlainObject(given) && isBranch(dotted)) walk(given, dotted);
      else
        report(
          dotted,
          'is not a known policy key',
          'Rename it or remove it.',
          nearestName(dotted, Object.keys(policyKeys)),
        );
    }
  }

  walk(tree, '');
  const { 'username.minLength': min, 'username.maxLength': max } = overrides;
  const { minLength, maxLength } = defaultPolicy.username;
  if (Number(min ?? minLength) > Number(max ?? maxLength)) {
    report('username.minLength', 'is more than username.maxLength', 'Lower it, or raise the other.');
  }
  return { overrides, problems };
}

const isBranch = (path: string): boolean => Object.keys(policyKeys).some((known) => known.startsWith(`${path}.`));

/** The policy with some of its rules replaced. @throws ConfigError for unknown keys and values out of bounds */
export function applyPolicy(policy: Policy, overrides: PolicyOverrides): Policy {
  const { overrides: checked, problems } = checkPolicy(overrides, { path: 'policy', source: () => 'overrides' });
  if (problems.length > 0) throw new ConfigError(problems);
  const applied = structuredClone(policy);
  for (const [name, given] of Object.entries(checked)) {
    const reading = policyKeys[name]!.form.read(given);
    if ('value' in reading) set(applied, name.split('.'), reading.value);
  }
  return applied;
}

/** The same with what is right alone; the rest is told, a sentence for each. */
export function applyWhatFits(
  policy: Policy,
  overrides: PolicyOverrides,
  onProblem: (problem: string) => void,
): Policy {
  const { overrides: checked, problems } = checkPolicy(overrides, { path: 'policy', source: () => 'overrides' });
  for (const { key, problem } of problems) onProblem(`${key} ${problem}.`);
  return applyPolicy(policy, problems.some(({ key }) => key === 'policy.username.minLength') ? {} : checked);
}

function set(target: object, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const branch = target as Record<string, unknown>;
  if (rest.length === 0) branch[name] = value;
  else set(branch[name] as object, rest, value);
}
