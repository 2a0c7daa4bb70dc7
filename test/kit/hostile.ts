import fc from 'fast-check';

/** Texts that have broken somebody's server before. */
const hostileTexts = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'undefined',
  'NaN',
  'true',
  '[object Object]',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\u0000',
  'a\u0000b',
  '\u001b[31m',
  '\r\nx-evil: 1',
  '\ud800',
  'a\udfff',
  '\uffff',
  '\u202egnp.exe',
  'İ',
  'ß',
  'ﬀ',
  '👩‍👩‍👧',
  'e\u0301',
  "' OR 1=1 --",
  '"; DROP TABLE session; --',
  '%',
  '%00',
  '%E0%A4%A',
  '\\',
  '../../etc/passwd',
  '#{7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'https://evil.example',
  '/fine',
  'http://[::1',
  'http://%',
  'github',
  'credential',
  'password',
  'correct horse',
  'person1@example.com',
  'a@example.com',
  'A@EXAMPLE.COM',
  'a@b@c',
  'a@xn--.com',
  `${'a'.repeat(64)}@${'b'.repeat(180)}.example`,
  '0'.repeat(45),
  'z'.repeat(45),
  '019fbd32-0600-732c-a166-08c94b6e47ba',
  '00000000-0000-0000-0000-000000000000',
  '000000',
  '１２３４５６',
  'x'.repeat(20_000),
  '\u0301'.repeat(5_000),
  '9'.repeat(400),
  'e30.e30.e30',
] as const;

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: [deep(depth - 1)] });

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: hostileText as fc.Arbitrary<unknown> },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      ...[
        null,
        true,
        false,
        0,
        -1,
        1.5,
        1e308,
        2 ** 53,
        [],
        [[]],
        {},
        [null],
        ['a', 1],
        { $gt: '' },
        { toString: 1 },
        { length: -1 },
      ],
      deep(100),
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown> },
);

/** Bodies as text: of the right shape with hostile values, of any shape, and no JSON at all. */
export const hostileBody = (members: readonly string[]): fc.Arbitrary<string> => {
  const shaped =
    members.length === 0
      ? fc.constant({})
      : fc.record(Object.fromEntries(members.map((name) => [name, hostileValue])), { requiredKeys: [] });
  return fc.oneof(
    { weight: 8, arbitrary: shaped.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: hostileValue.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...[
          '',
          '{',
          '{"a":',
          '\u0000',
          '[1,',
          'NaN',
          '{"__proto__":{"a":1}}',
          '{"constructor":{"prototype":{}}}',
          '"\\ud800"',
          '\ufeff{}',
          '{"a":1,"a":2}',
        ],
        '['.repeat(5_000),
        `{"a":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
      ),
    },
  );
};

/** What the client library of a test lets through to the wire. */
const headerText = hostileText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4_000));

export const hostileHeaders = fc.record(
  {
    authorization: fc.oneof(
      headerText,
      headerText.map((text) => `Bearer ${text}`),
    ),
    cookie: fc.oneof(
      headerText,
      fc
        .tuple(
          fc.constantFrom(
            'session_token',
            'state',
            'two_factor',
            'trust_device',
            'dont_remember',
            'admin_session',
            'better-auth-passkey',
          ),
          headerText,
        )
        .map(([name, value]) => `better-auth.${name}=${value}`),
    ),
    origin: fc.oneof(headerText, fc.constant('null')),
    referer: headerText,
    'user-agent': headerText,
    'x-api-key': headerText,
    'x-forwarded-for': headerText,
    'sec-fetch-site': fc.constantFrom('same-origin', 'cross-site', 'none', ''),
    'accept-language': headerText,
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'application/x-www-form-urlencoded',
          'text/plain',
          'multipart/form-data; boundary=x',
          'application/json;',
          ';',
          'a/b/c',
        ),
      },
      { weight: 1, arbitrary: headerText },
    ),
  },
  { requiredKeys: [] },
);

/** A part of a path or query: escaped as a client would, or as sloppily as a socket lets one. */
export const hostilePart = fc.oneof(
  { weight: 3, arbitrary: hostileText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3_000)) },
  {
    weight: 1,
    arbitrary: hostileText.map((text) =>
      text
        .replaceAll(/[^\x21-\x7e]/g, '')
        .replaceAll('#', '')
        .slice(0, 3_000),
    ),
  },
);

export const hostileQuery = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...names, 'callbackURL', '__proto__', 'a[b]'), hostilePart), { maxLength: 4 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
