import type { MacPurpose } from '../core/vault.ts';

/**
 * Every HKDF label, written down once. A label never changes and never gets a second use: what was signed or sealed
 * under it would be lost, or be worth something where it must not (rule 7).
 */
export const labels = {
  keyId: 'latchkey/1/key-id',
  /** One key for each column that holds sealed values. */
  seal: (table: string, column: string) => `latchkey/1/seal/${table}.${column}`,
  mac: {
    'better-auth cookie': 'latchkey/1/mac/better-auth-cookie',
    'better-auth trusted device': 'latchkey/1/mac/better-auth-trusted-device',
    'page form': 'latchkey/1/mac/page-form',
    'mail code': 'latchkey/1/mac/mail-code',
    'sign-in code': 'latchkey/1/mac/sign-in-code',
    'shared session': 'latchkey/1/mac/shared-session',
    'backup code': 'latchkey/1/mac/backup-code',
    'backup file': 'latchkey/1/mac/backup-file',
    'known network': 'latchkey/1/mac/known-network',
    cursor: 'latchkey/1/mac/cursor',
    configuration: 'latchkey/1/mac/configuration',
    'limit key': 'latchkey/1/mac/limit-key',
    'secret probe': 'latchkey/1/mac/secret-probe',
    'job address': 'latchkey/1/mac/job-address',
  } satisfies Record<MacPurpose, string>,
};
