import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const http = join(import.meta.dirname, '../../src/http');

/** Members that are taken and not acted on, each with its reason. */
const oneValue = 'its schema lets one value in, which is what happens';
const noCookie = 'accounts are kept in the database alone; no cookie holds one';
const noSecondPage = 'the first page is empty';
const ignored: Readonly<Record<string, string>> = {
  'getAccessToken.useAccountCookie': noCookie,
  'refreshToken.useAccountCookie': noCookie,
  'accountInfo.useAccountCookie': noCookie,
  'error.error_description': 'the page explains the code; it shows no text of others',
  'oauthAuthorize.grant_type': oneValue,
  'oauthAuthorize.response_type': oneValue,
  'crossDomainAuthorize.code_challenge_method': oneValue,
  'listTeams.order_by': oneValue,
  'listCustomerProducts.cursor': noSecondPage,
  'listCustomerInvoices.cursor': noSecondPage,
};

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const membersOf = (schema: Schema | undefined): readonly string[] => [
  ...Object.keys(schema?.properties ?? {}),
  ...[...(schema?.anyOf ?? []), ...(schema?.allOf ?? [])].flatMap(membersOf),
];

/** Without comments, and without what declares a member: `name: Type.String()`, `name: Type.Optional(…)`. */
const readingOf = (source: string): string =>
  source
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replaceAll(/\b\w+: (?:Type\.|Nullable\(|OneOf\(|returnUrl\(|[a-z]\w*\()/g, '')
    .replaceAll(/readonly \w+\??:/g, '');

/** Does code of this text name the member? */
const reads = (text: string, member: string): boolean => new RegExp(`(?<![\\w$])${member}(?![\\w$])`).test(text);

const read = (file: string): string => readFileSync(join(http, file), 'utf8');

describe.each(['better-auth', 'hexclave', 'axumkit'])('%s: every declared member of a request is read', (dialect) => {
  const shared = globSync(`${dialect}/**/*.ts`, { cwd: http })
    .filter((file) => !file.includes('/endpoints/'))
    .map((file) => readingOf(read(file)))
    .join('\n');

  test.each(globSync(`${dialect}/endpoints/*.ts`, { cwd: http }))('%s', async (file) => {
    const exported: Record<string, unknown> = await import(join(http, file));
    const endpoints = Object.values(exported).filter(
      (one): one is { operationId: string; body?: Schema; query?: Schema; params?: Schema } =>
        typeof one === 'object' && one !== null && 'operationId' in one,
    );
    const source = read(file);
    const beside = [...source.matchAll(/from '\.\/([\w-]+\.ts)'/g)].map(([, name]) => `${dialect}/endpoints/${name}`);
    const code = [shared, ...[file, ...beside].map((one) => readingOf(read(one)))].join('\n');
    const unread = endpoints.flatMap(({ operationId, body, query, params }) =>
      [body, query, params]
        .flatMap(membersOf)
        .filter((member) => !reads(code, member))
        .map((member) => `${operationId}.${member}`),
    );
    expect(unread.filter((member) => !(member in ignored))).toEqual([]);
  });
});

test('the guard sees a member that is only declared', () => {
  const source = `const body = Type.Object({ code: Type.String(), ghost: Type.Optional(Type.Boolean()) });
    interface Given { readonly ghost?: boolean } // the ghost
    const answer = call.body.code;`;
  expect([reads(readingOf(source), 'code'), reads(readingOf(source), 'ghost')]).toEqual([true, false]);
});
