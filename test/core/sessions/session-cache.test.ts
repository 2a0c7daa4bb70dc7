import { describe, expect, test } from 'vitest';
import { maxMetadataBytes, readMetadata } from '../../../src/core/metadata.ts';
import type { LiveSession } from '../../../src/core/sessions/session.ts';
import { createSessionCache } from '../../../src/core/sessions/session-cache.ts';
import { ordinaryBytes } from '../../../src/core/sessions/session-weight.ts';
import { aSession, aUser } from '../../kit/store-world.ts';

let made = 0;
const ids = { next: () => `id-${++made}` };
/** A new object each time, as the store makes one for each read. */
const largest = () => readMetadata('metadataClient', { text: 'x'.repeat(maxMetadataBytes - 11) });

/** A session of this person, as it was read. */
function sessionOf(userId: string, metadata: ReturnType<typeof largest> | null = null): LiveSession {
  const person = { email: null, roles: [], factors: { totp: false, mailCode: false }, imageKey: null, bannerKey: null };
  const user = { ...aUser(ids, { id: userId, metadataClient: metadata }), ...person };
  return { session: aSession(ids, userId), user, notedAt: 0 as LiveSession['notedAt'], rendered: {} };
}

describe('The session cache', () => {
  test('holds as many ordinary sessions as it is told, and forgets the oldest then', () => {
    const cache = createSessionCache(3);
    for (const token of ['a', 'b', 'c', 'd']) cache.put(token, sessionOf(`user of ${token}`), cache.epoch());
    expect(['a', 'b', 'c', 'd'].map((token) => cache.get(token) !== undefined)).toEqual([false, true, true, true]);
    expect(cache.bytes()).toBe(3 * ordinaryBytes);
  });

  test('a thousand sessions of one person hold the metadata once', () => {
    const cache = createSessionCache(1_000);
    for (let count = 0; count < 500; count += 1)
      cache.put(`token ${count}`, sessionOf('ada', largest()), cache.epoch());
    const kept = Array.from({ length: 500 }, (_, count) => cache.get(`token ${count}`)?.user.metadataClient);
    expect(new Set(kept).size).toBe(1);
    expect(cache.bytes()).toBeLessThan(500 * ordinaryBytes + 10 * maxMetadataBytes);
  });

  test('is bounded in bytes: people with much metadata leave room for fewer', () => {
    const cache = createSessionCache(1_000);
    for (let count = 0; count < 200; count += 1)
      cache.put(`token ${count}`, sessionOf(`user ${count}`, largest()), cache.epoch());
    expect(cache.bytes()).toBeLessThanOrEqual(1_000 * ordinaryBytes);
    expect(cache.size()).toBeLessThan(50);
    expect(cache.get('token 199')).toBeDefined();
  });

  test('what is dropped gives its bytes back', () => {
    const cache = createSessionCache(1_000);
    const first = cache.put('first', sessionOf('ada', largest()), cache.epoch());
    cache.put('second', sessionOf('ada', largest()), cache.epoch());
    cache.dropSession(first.session.id);
    expect(cache.bytes()).toBeGreaterThan(2 * ordinaryBytes);
    cache.dropUser('ada');
    expect([cache.bytes(), cache.size()]).toEqual([0, 0]);
    cache.put('third', sessionOf('ada', largest()), cache.epoch());
    cache.dropAll();
    expect(cache.bytes()).toBe(0);
  });

  test('a session that shows other metadata than the others of its person takes their place', () => {
    const cache = createSessionCache(1_000);
    cache.put('before', sessionOf('ada', largest()), cache.epoch());
    const changed = sessionOf('ada', readMetadata('metadataClient', { text: 'another' }));
    expect(cache.put('after', changed, cache.epoch()).user.metadataClient).toEqual({ text: 'another' });
    expect(cache.get('before')).toBeUndefined();
    expect(cache.get('after')?.user.metadataClient).toEqual({ text: 'another' });
  });
});
