import { describe, expect, test } from 'vitest';
import {
  type Admission,
  addersOf,
  crossingDialects,
  endingsOutside,
  importCircles,
  importersOf,
  importsOf,
  outwardImports,
  ownClientAddresses,
  ownClocksAndChance,
  packagesInside,
  readSources,
  refusalsThrownInside,
  silentRefusals,
  transactionsOf,
  unadmittedWriters,
  workLetGo,
} from './kit/architecture.ts';

/** Imports point inwards only. Files directly in `src` join the parts and may know all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  core: ['base'],
  config: ['base', 'core'],
  crypto: ['base', 'core'],
  store: ['base', 'core'],
  mail: ['base', 'core'],
  files: ['base', 'core'],
  providers: ['base', 'core'],
  conditions: ['base', 'core'],
  jobs: ['base', 'core', 'mail'],
  http: ['base', 'core'],
  cli: ['base', 'core', 'config', 'store', 'mail'],
};
const shared = ['kit', 'pages', 'ops'];
const tested = /^(?:base|core|http|store|jobs|crypto|mail|files|providers)\//;
const clockFiles = ['base/clock.ts', 'base/random.ts'];

/** Edits of which a part is refused leave no trace: throwing rolls back what the other parts wrote. */
const rollsBackOnPurpose = [
  'core/emails/manage-emails.ts',
  'core/orgs/invite-members.ts',
  'core/projects/write-config.ts',
  'core/users/create-user.ts',
  'core/users/edit-user-by-admin.ts',
  'core/users/edit-user.ts',
];

/** The raw transaction: the doors, and what is handed to them where contexts are made. */
const seeRawTransaction = ['core/acting.ts', 'open-projects.ts'];

/** Who saw the credential of a server. */
const makeServers = [
  'core/projects/admit-owner.ts',
  'core/projects/admit-project-key.ts',
  'core/projects/admit-service-token.ts',
];

/** Codes that are mailed anew take the place of older ones, and an address that goes takes its codes with it. */
const endWithoutTable = ['core/codes/codes.ts'];

const credentialWriters: Readonly<Record<string, Admission>> = {
  'core/emails/change-email.ts': 'own',
  'core/emails/claim-address.ts': 'step',
  'core/emails/manage-emails.ts': 'own',
  'core/emails/own-addresses.ts': 'step',
  'core/emails/verify-email-with-code.ts': 'bearer',
  'core/emails/verify-email.ts': 'bearer',
  'core/endings/end-for.ts': 'step',
  'core/factors/activate-totp.ts': 'own',
  'core/factors/backup-codes.ts': 'step',
  'core/factors/manage-factors.ts': 'own',
  'core/factors/prove-factor.ts': 'own',
  'core/factors/replace-totp.ts': 'step',
  'core/factors/trusted-device.ts': 'step',
  'core/identities/edit-identity.ts': 'own',
  'core/identities/refresh-provider-token.ts': 'bearer',
  'core/identities/unlink-identity.ts': 'own',
  'core/identities/write-identity.ts': 'step',
  'core/keys/create-api-key.ts': 'own',
  'core/keys/manage-api-keys.ts': 'own',
  'core/keys/revoke-leaked-key.ts': 'bearer',
  // Whoever has the mailed code reads the mailbox: the address is verified by it.
  'core/orgs/accept-invitation.ts': 'own',
  'core/passkeys/manage-passkeys.ts': 'own',
  'core/passkeys/register-passkey.ts': 'own',
  'core/passwords/change-password.ts': 'own',
  'core/passwords/reset-password.ts': 'bearer',
  'core/passwords/set-first-password.ts': 'own',
  'core/passwords/set-password-for-user.ts': 'admin',
  'core/projects/first-admin.ts': 'bearer',
  'core/sign-in/enter-by-mailbox.ts': 'step',
  'core/sign-in/sign-in-with-password.ts': 'bearer',
  'core/users/delete-user.ts': 'own',
  'core/users/edit-user-by-admin.ts': 'admin',
  'core/users/edit-user.ts': 'own',
  'core/users/end-anonymity.ts': 'step',
  'core/users/give-credentials.ts': 'step',
  'core/users/new-person.ts': 'step',
  'core/users/remove-password.ts': 'own',
  'core/users/set-user-roles.ts': 'admin',
  'core/users/sign-up-with-password.ts': 'bearer',
  'core/users/upgrade-anonymous.ts': 'step',
};

const sources = readSources();
const invented = (files: Record<string, string>) => new Map(Object.entries(files));

describe('imports point inwards', () => {
  test('every folder imports only what its row names', () => {
    expect(outwardImports(sources, mayImport)).toEqual([]);
  });

  test('every folder has a row', () => {
    const folders = new Set(
      [...sources.keys()].filter((file) => file.includes('/')).map((file) => file.split('/')[0]!),
    );
    expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([]);
  });

  test('a new password is looked for among breached ones before it is hashed', () => {
    const hashers = [...sources].filter(([file, text]) => file.startsWith('core/') && /passwords\.hash\(/.test(text));
    expect(hashers.map(([file]) => file).sort()).toEqual([
      'core/passwords/hash-new-password.ts',
      // The password that signs in, hashed anew with today's costs.
      'core/sign-in/sign-in-with-password.ts',
    ]);
  });

  test('the core knows no package but Node itself', () => {
    expect(packagesInside(sources, ['core', 'base'])).toEqual([]);
  });

  test('dialects do not know each other', () => {
    expect(crossingDialects(sources, shared)).toEqual([]);
  });

  test('the guards see static imports, re-exports and those made while running', () => {
    const faults = invented({
      'core/a.ts': "import { x } from '../store/b.ts';\nimport y from 'kysely';",
      'core/c.ts': "export * from '../http/d.ts';\nconst z = await import('../config/e.ts');",
      'http/novel/f.ts': "import { g } from '../axumkit/g.ts';",
    });
    expect(outwardImports(faults, mayImport)).toEqual([
      'core/a.ts -> store/b.ts',
      'core/c.ts -> http/d.ts',
      'core/c.ts -> config/e.ts',
    ]);
    expect(packagesInside(faults, ['core'])).toEqual(['core/a.ts -> kysely']);
    expect(crossingDialects(faults, shared)).toEqual(['http/novel/f.ts -> http/axumkit/g.ts']);
    expect(importsOf(sources).length).toBeGreaterThan(2_000);
  });
});

describe('time and chance come in as arguments', () => {
  test('nobody reads a clock or draws chance of their own', () => {
    expect(ownClocksAndChance(sources, tested, clockFiles)).toEqual([]);
  });

  test.each(['Date.now()', 'new Date()', 'randomBytes(8)', 'crypto.randomUUID()', 'Math.random()'])(
    'the guard sees %s',
    (call) => {
      expect(ownClocksAndChance(invented({ 'core/a.ts': `const x = ${call};` }), tested, clockFiles)).toEqual([
        'core/a.ts',
      ]);
      expect(ownClocksAndChance(invented({ 'core/a.ts': `// ${call}` }), tested, clockFiles)).toEqual([]);
    },
  );
});

describe('refusals of transactions are returned, so that counters and events stay', () => {
  test('none is thrown inside, but where it rolls back on purpose', () => {
    expect(refusalsThrownInside(sources).filter((file) => !rollsBackOnPurpose.includes(file))).toEqual([]);
  });

  test('the list of exceptions holds nothing that is none', () => {
    expect(rollsBackOnPurpose.filter((file) => !refusalsThrownInside(sources).includes(file))).toEqual([]);
  });

  test.each([
    ['act', "await act(ctx, actor, {}, async (tx) => { if (x) throw new Refusal('a'); });"],
    ['asBearer', "return asBearer(ctx, { credential: 'code' }, async (tx) => { throw refused; });"],
    ['asSystem', 'await asSystem(ctx, (tx) => { must(step()); });'],
    ['in a nested callback', "act(ctx, actor, {}, async (tx) => list.map(() => { throw refuse('b'); }))"],
  ])('the guard sees it in %s', (_, code) => {
    expect(refusalsThrownInside(invented({ 'core/x/a.ts': code }))).toEqual(['core/x/a.ts']);
  });

  test('the guard reads every transaction of the core', () => {
    expect(transactionsOf(sources).length).toBeGreaterThan(130);
    expect(new Set(transactionsOf(sources).map(({ file }) => file.split('/')[1])).size).toBeGreaterThan(15);
  });
});

describe('work that nobody waits for', () => {
  test('is handed to inBackground, which reports its faults', () => {
    expect(workLetGo(sources)).toEqual([]);
  });

  test.each([
    ['a function', 'async function sweep() {}\nevery(5, () => void sweep());'],
    ['a method', 'const log = { async bring() {} };\nvoid log.bring();'],
    ['an arrow', 'const refresh = async () => {};\nvoid refresh();'],
  ])('the guard sees %s', (_, code) => {
    expect(workLetGo(invented({ 'jobs/a.ts': code }))).toHaveLength(1);
  });
});

describe('authority', () => {
  test('only the doors see the raw transaction', () => {
    expect(importersOf(sources, 'core/raw-transaction.ts')).toEqual(seeRawTransaction);
  });

  test('a server is made by whoever saw its credential', () => {
    expect(importersOf(sources, 'core/projects/project-server.ts')).toEqual(makeServers);
  });

  test('the guards see an import', () => {
    const fault = invented({ 'http/x/a.ts': "import { rawTransaction } from '../../core/raw-transaction.ts';" });
    expect(importersOf(fault, 'core/raw-transaction.ts')).toEqual(['http/x/a.ts']);
    const harmless = invented({
      'http/x/a.ts': "import type { HasTransactions } from '../../core/raw-transaction.ts';",
    });
    expect(importersOf(harmless, 'core/raw-transaction.ts')).toEqual([]);
  });

  test('whoever writes credentials is admitted to', () => {
    expect(unadmittedWriters(sources, credentialWriters)).toEqual([]);
  });

  test.each([
    ['a writer without a row', 'await tx.passwords.set(x);', {}, ['core/x/a.ts writes credentials and has no row']],
    [
      'an own change without a demand',
      'await act(ctx, actor, {}, (tx) => tx.passkeys.insert(p));',
      { 'core/x/a.ts': 'own' },
      ['core/x/a.ts is not admitted as own'],
    ],
    [
      'an administrator without a right',
      'await act(ctx, actor, {}, (tx) => tx.users.setRoles(x));',
      { 'core/x/a.ts': 'admin' },
      ['core/x/a.ts is not admitted as admin'],
    ],
    [
      'a bearer who shows nothing',
      "asBearer(ctx, { credential: 'none' }, (tx) => tx.emails.markVerified(x));",
      { 'core/x/a.ts': 'bearer' },
      ['core/x/a.ts is not admitted as bearer'],
    ],
    [
      'a step that opens a door',
      'asSystem(ctx, (tx) => tx.users.erase(x));',
      { 'core/x/a.ts': 'step' },
      ['core/x/a.ts is not admitted as step'],
    ],
  ] as const)('the guard sees %s', (_, code, table, wrong) => {
    expect(unadmittedWriters(invented({ 'core/x/a.ts': code }), table)).toEqual(wrong);
  });

  test('the guard sees a caller of a step who admits nobody', () => {
    const faults = invented({
      'core/x/step.ts': 'export const step = (tx) => tx.users.erase(1);',
      'core/x/caller.ts': "import { step } from './step.ts';\nasSystem(ctx, (tx) => step(tx));",
    });
    expect(unadmittedWriters(faults, { 'core/x/step.ts': 'step' })).toEqual([
      'core/x/caller.ts takes the step core/x/step.ts and admits nobody',
    ]);
  });
});

describe('the address of a client is read in one place', () => {
  const readers = ['http/kit/client-address.ts'];

  test('by the parser alone', () => {
    expect(ownClientAddresses(sources, readers)).toEqual([]);
  });

  test.each(['request.ip', 'request.ips[0]', 'socket.remoteAddress'])('the guard sees %s', (code) => {
    expect(ownClientAddresses(invented({ 'http/x/a.ts': `limit(${code});` }), readers)).toEqual(['http/x/a.ts']);
  });
});

describe('what ends, ends by the table', () => {
  test('only core/endings calls what ends things', () => {
    expect(endingsOutside(sources, endWithoutTable)).toEqual([]);
  });

  test.each([
    'sessions.endAllOf(id)',
    'sessions.end(id)',
    'codes.voidAllOf(id)',
    'factors.distrustDevices(id)',
    'apiKeys.revokeAllOf(id)',
  ])('the guard sees tx.%s', (call) => {
    expect(endingsOutside(invented({ 'core/users/a.ts': `await tx.${call};` }), [])).toEqual(['core/users/a.ts']);
  });
});

describe('what one owner may have only so many of is counted by whoever adds one', () => {
  const ports = ['emails', 'passkeys', 'identities', 'apiKeys', 'teams', 'projectKeys'];
  /** Files that add one without counting, and why that is no way past the bound. */
  const uncounted: Readonly<Record<string, string>> = {
    'core/emails/change-email.ts': 'takes the place of an address, or is the first',
    'core/identities/write-identity.ts':
      'a step: `link-identity` counts; at a sign-in a trusted provider vouches for the address',
    'core/users/give-credentials.ts': 'of a new person, as many as there are providers',
    'core/users/new-person.ts': 'the first address',
    'core/users/upgrade-anonymous.ts': 'the address of the sign-up',
  };

  test('the files that do not are listed with a reason', () => {
    const counts = (file: string) => sources.get(file)!.includes('refuseBeyond(');
    expect(addersOf(sources, ports).filter((file) => !counts(file))).toEqual(Object.keys(uncounted));
  });

  test('the guard sees another one', () => {
    expect(addersOf(invented({ 'core/x/a.ts': 'await tx.passkeys.insert(key);' }), ports)).toEqual(['core/x/a.ts']);
  });
});

describe('files that import each other', () => {
  /** By a file of each and how many there are. None is to come, and these are to go. */
  const known = [
    ['core/acting.ts', 36],
    ['http/axumkit/errors.ts', 2],
    ['http/better-auth/admin-errors.ts', 4],
  ];

  test('are those that are known', () => {
    expect(importCircles(sources).map((circle) => [circle[0], circle.length])).toEqual(known);
  });

  test('the guard sees a circle of three', () => {
    const three = {
      'core/x/a.ts': "import type { B } from './b.ts';",
      'core/x/b.ts': "import { c } from './c.ts';",
      'core/x/c.ts': "import type { A } from './a.ts';",
    };
    expect(importCircles(invented(three))).toEqual([['core/x/a.ts', 'core/x/b.ts', 'core/x/c.ts']]);
  });
});

describe('a refusal that becomes an answer is in the log', () => {
  /** Files that look at refusals and answer nothing by them, or nothing that keeps somebody out. */
  const others: Readonly<Record<string, string>> = {
    'http/axumkit/admit.ts': 'throws it',
    'http/axumkit/call.ts': 'no session: a visitor',
    'http/axumkit/endpoints/oauth.ts': 'throws it',
    'http/better-auth/admit.ts': 'throws it',
    'http/better-auth/call.ts': 'no session: nobody is signed in',
    'http/better-auth/device-sessions.ts': 'leaves out what has ended',
    'http/better-auth/endpoints/api-key.ts': 'tells the service that asked',
    'http/better-auth/endpoints/email.ts': 'conceals a taken address',
    'http/better-auth/endpoints/organization-members.ts': 'throws it',
    'http/better-auth/endpoints/session.ts': 'no session: null',
    'http/better-auth/endpoints/sign-in.ts': 'throws it',
    'http/better-auth/endpoints/two-factor.ts': 'throws it',
    'http/hexclave/endpoints/current-session.ts': 'throws it',
    'http/hexclave/endpoints/oauth-cross-domain.ts': 'throws it',
    'http/hexclave/endpoints/oauth-token.ts': 'throws it',
    'http/hexclave/oauth-client.ts': 'throws it',
    'http/hexclave/open-call.ts': 'throws it',
    'http/pages/serve-pages.ts': 'limits at the front, which floods meet',
    'http/pages/trouble.ts': 'a form that is shown again',
  };

  test('or its file is listed with the reason', () => {
    expect(silentRefusals(sources)).toEqual(Object.keys(others).sort());
  });

  test('the guard sees one that is not', () => {
    const silent = 'if (found instanceof Refusal) return redirectTo(failed);';
    expect(silentRefusals(invented({ 'http/x/a.ts': silent }))).toEqual(['http/x/a.ts']);
  });
});
