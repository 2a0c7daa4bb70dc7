import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { endpointTable } from '../../../scripts/endpoint-table.ts';
import { routes } from '../../../src/http/axumkit/routes.ts';

/** The operations of AxumKit's own overview, at the commit the specification is of. */
const seed = `
GET /health-check
POST /v0/auth/login
POST /v0/auth/logout
POST /v0/auth/verify-email
POST /v0/auth/resend-verification-email
POST /v0/auth/forgot-password
POST /v0/auth/reset-password
POST /v0/auth/change-password
POST /v0/auth/change-email
POST /v0/auth/confirm-email-change
POST /v0/auth/complete-signup
GET /v0/auth/oauth/google/authorize
POST /v0/auth/oauth/google/login
POST /v0/auth/oauth/google/link
GET /v0/auth/oauth/github/authorize
POST /v0/auth/oauth/github/login
POST /v0/auth/oauth/github/link
GET /v0/auth/oauth/connections
POST /v0/auth/oauth/connections/unlink
POST /v0/auth/totp/setup
POST /v0/auth/totp/enable
POST /v0/auth/totp/verify
GET /v0/auth/totp/status
POST /v0/auth/totp/disable
POST /v0/auth/totp/backup-codes/regenerate
POST /v0/users
GET /v0/users/profile
GET /v0/users/profile/id
GET /v0/users/handle/:handle/available
GET /v0/user/me
PATCH /v0/user/me
POST /v0/user/me/profile-image
DELETE /v0/user/me/profile-image
POST /v0/user/me/banner-image
DELETE /v0/user/me/banner-image
GET /v0/search/users
GET /v0/action-logs
GET /v0/eventstream/actions
`
  .trim()
  .split('\n');

describe('the AxumKit operations', () => {
  test('all 38 of the overview are served', () => {
    const served = routes.map(({ method, path }) => `${method} ${path}`);
    expect(seed).toHaveLength(38);
    expect(seed.filter((operation) => !served.includes(operation))).toEqual([]);
  });

  test('no two share an id', () => {
    const ids = routes.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('docs/dialects/axumkit.md lists every one (scripts/endpoint-docs.ts brings it up to date)', () => {
    const text = readFileSync(new URL('../../../docs/dialects/axumkit.md', import.meta.url), 'utf8');
    expect(text).toContain(`<!-- endpoints -->\n${endpointTable('axumkit')}\n<!-- /endpoints -->`);
  });
});
