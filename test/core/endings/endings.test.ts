import { describe, expect, test } from 'vitest';
import { type Ending, type EndingRow, endings } from '../../../src/core/endings/endings.ts';

/** What must be true of the table, whatever becomes of single rows: `end-for.test.ts` shows that it is carried out. */
const names = Object.keys(endings) as Ending[];
const rows: Readonly<Record<Ending, EndingRow>> = endings;

describe('the table of endings', () => {
  test.each(['address_claimed', 'anonymous_upgraded', 'deleted'] as const)(
    '%s leaves nothing that could open the account',
    (ending) => {
      expect(rows[ending]).toMatchObject({
        ...{ sessions: 'all', pending: 'all', codes: 'all', devices: 'all', networks: 'all', keys: 'all' },
        ...{ factors: 'all', waysIn: 'all', dated: true },
      });
    },
  );

  test.each([
    ...(['password_reset', 'password_set_by_operator', 'password_removed_by_operator'] as const),
    ...(['banned', 'deactivated'] as const),
  ])('%s puts everybody out, the session that asks included', (ending) => {
    expect(rows[ending]).toMatchObject({ sessions: 'all', pending: 'all', devices: 'all' });
  });

  test.each(['banned', 'deactivated'] as const)('%s leaves no code that works', (ending) => {
    expect(rows[ending].codes).toBe('all');
  });

  test.each(['password_changed', 'password_removed', 'address_changed'] as const)(
    '%s puts everybody out but the session that asks, and voids older codes and devices by date',
    (ending) => {
      expect(rows[ending]).toMatchObject({ sessions: 'others', pending: 'all', devices: 'all', dated: true });
      expect(rows[ending].codes).not.toBe('none');
    },
  );

  test.each(['factor_on', 'factor_off', 'passkey_removed', 'identity_unlinked'] as const)(
    '%s ends sign-ins that are half done, and codes that get in, which were begun under the old rules',
    (ending) => {
      expect(rows[ending].pending).toBe('all');
      expect(rows[ending].codes).not.toBe('none');
    },
  );

  test('a second factor that is switched off takes the devices with it that stood in for it', () => {
    expect(rows.factor_off).toMatchObject({ devices: 'all', factors: 'all' });
  });

  test('whoever gains or loses a way in is told at every proven address', () => {
    const silent = names.filter((ending) => rows[ending].tell === null);
    expect(silent).toEqual([
      // Both addresses are told apart from the table.
      'address_changed',
      // Nothing from before was the owner's.
      ...['impersonation_withdrawn', 'anonymous_upgraded'],
      // Decided by others, or over.
      ...['banned', 'deactivated', 'restricted', 'deleted'],
    ]);
  });
});
