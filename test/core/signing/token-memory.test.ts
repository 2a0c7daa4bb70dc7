import { describe, expect, test } from 'vitest';
import type { Instant } from '../../../src/base/clock.ts';
import type { AccessClaims } from '../../../src/core/signing/access-token.ts';
import { createTokenMemory } from '../../../src/core/signing/token-memory.ts';

const at = (seconds: number) => (seconds * 1000) as Instant;
const until = (exp: number) => ({ exp }) as AccessClaims;
const token = (name: string) => name.padEnd(900, '.');

describe('Verified access tokens', () => {
  test('are known to the project that verified them, and to no other', () => {
    const memory = createTokenMemory();
    memory.keep('here', token('a'), until(600), at(0));
    expect(memory.find('here', token('a'), at(1))).toEqual(until(600));
    expect(memory.find('there', token('a'), at(1))).toBeNull();
    expect(memory.find('here', token('b'), at(1))).toBeNull();
  });

  test('are forgotten when they expire: when they are shown, and when nobody shows them', () => {
    const memory = createTokenMemory();
    memory.keep('here', token('shown'), until(600), at(0));
    memory.keep('here', token('never again'), until(600), at(0));
    memory.keep('here', token('later'), until(700), at(100));
    expect(memory.find('here', token('shown'), at(600))).toBeNull();
    expect(memory.size()).toBe(2);
    memory.dropExpired(at(600));
    expect(memory.size()).toBe(1);
    memory.keep('here', token('expired already'), until(600), at(600));
    memory.dropExpired(at(700));
    expect([memory.size(), memory.bytes()]).toEqual([0, 0]);
  });

  test('of all projects together stay within their bytes, whoever refreshes in a loop', () => {
    const memory = createTokenMemory(100_000);
    for (let count = 0; count < 1_000; count += 1) {
      memory.keep(`project ${count % 7}`, token(`token ${count}`), until(600), at(0));
    }
    expect(memory.bytes()).toBeLessThanOrEqual(100_000);
    expect(memory.size()).toBeGreaterThan(40);
    expect(memory.find(`project ${999 % 7}`, token('token 999'), at(1))).not.toBeNull();
  });
});
