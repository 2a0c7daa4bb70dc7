import { describe, expect, test } from 'vitest';
import { emailForm, newEmailForm } from '../../src/base/email-form.ts';
import { Refusal } from '../../src/base/refusal.ts';
import { nameFrom } from '../../src/core/identities/provider-visit.ts';
import { isNewSlug, isSlug, readOrganizationName } from '../../src/core/orgs/organization-rules.ts';
import { readDisplayName } from '../../src/core/users/profile-rules.ts';
import { usualProfile } from '../../src/core/usual-profile.ts';

const ctx = { surface: usualProfile } as unknown as Parameters<typeof readDisplayName>[0];
const refused = (read: () => unknown): boolean => {
  try {
    read();
    return false;
  } catch (fault) {
    if (fault instanceof Refusal) return true;
    throw fault;
  }
};

describe('names show what they hold', () => {
  const unseen = [
    'a\u200bb',
    'a\u202eb',
    '\u2066a',
    'a\u2028b',
    'a\r\nb',
    'a\ud800',
    '\ufeffa',
    '\u3164',
    'a\u2800',
    '\ufe0f',
    '\u200d \u200d',
  ];
  test.each(unseen)('%j is refused for people and organizations', (name) => {
    expect([refused(() => readDisplayName(ctx, name)), refused(() => readOrganizationName(name))]).toEqual([
      true,
      true,
    ]);
  });

  test.each(['Zoë', 'นิรันดร์', '👩‍💻', 'می‌خواهم', '❤️'])('%j is a name', (name) => {
    expect(readDisplayName(ctx, name)).toBe(name);
    expect(readOrganizationName(name)).toBe(name);
  });

  test('a provider’s name loses them: it stops no sign-in', () => {
    const profile = { name: 'A\u202eda\u200b' } as Parameters<typeof nameFrom>[1];
    expect(nameFrom(ctx, profile)).toBe('Ada');
  });
});

describe('slugs are one part of a path', () => {
  test.each(['../x', '..', '.', 'a/b', 'a\\b', 'a?b', 'a#b', 'a%2fb', 'a b', 'a\u200bb', 'a\ud800', ''])(
    '%j is refused to whoever wants it',
    (slug) => {
      expect(isNewSlug(slug)).toBe(false);
    },
  );
  test.each(['acme', 'acme-2', 'a.b', 'bücher', 'Acme_Inc'])('%j is one', (slug) => {
    expect(isNewSlug(slug)).toBe(true);
  });
  test('an older one is still found', () => expect(isSlug('a b')).toBe(true));
});

describe('addresses', () => {
  test.each(['\u212a', '\uff41'])('a local part with %j folds to another mailbox, and is none', (letter) => {
    expect(emailForm(`${letter}im@example.com`)).toBeNull();
  });

  test.each([`${'a'.repeat(65)}@example.com`, 'a@127.0.0.1', 'zoë@example.com', 'a@1'])(
    '%s is found where it is stored, and nobody gets it anew',
    (address) => {
      expect([emailForm(address) !== null, newEmailForm(address)]).toEqual([true, null]);
    },
  );

  test.each([`${'a'.repeat(64)}@example.com`, 'a@bücher.example', 'a@4.example', 'A.b+c@Example.com'])(
    '%s can be had',
    (address) => {
      expect(newEmailForm(address)).toEqual(emailForm(address));
    },
  );
});
