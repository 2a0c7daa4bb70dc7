import { describe, expect, test } from 'vitest';
import { senderOf, spelled } from '../../src/mail/sender.ts';

describe('The sender of a mail', () => {
  const address = 'auth@example.com';

  test('is the project, at the address of the server', () => {
    for (const first of [true, false]) {
      expect(senderOf(address, first)('The shop')).toEqual({ name: 'The shop', address });
    }
  });

  test('has the name that the operator wrote for the first project, and for no other', () => {
    for (const from of ['Acme <auth@example.com>', '"Acme" <auth@example.com>']) {
      expect(senderOf(from, true)('Latchkey')).toEqual({ name: 'Acme', address });
      expect(senderOf(from, false)('The shop')).toEqual({ name: 'The shop', address });
    }
  });

  test('adds no header, and no other mailbox', () => {
    const { name } = senderOf(address, false)('Shop\r\nBcc: everybody@example.com');
    expect(name).toBe('Shop Bcc: everybody@example.com');
    expect(spelled({ name: 'Eve" <eve@example.com>, "', address })).toBe(
      '"Eve\\" <eve@example.com>, \\"" <auth@example.com>',
    );
    expect(spelled({ name: 'Müller & Söhne', address })).toBe('Müller & Söhne <auth@example.com>');
  });
});
