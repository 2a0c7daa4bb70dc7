import { describe, expect, test } from 'vitest';
import { concealCredentials } from '../../src/base/conceal-credentials.ts';
import { reason } from '../../src/cli/doctor/finding.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { describeConfig, readConfig } from '../../src/config/read-config.ts';
import { explainFault } from '../../src/explain-fault.ts';
import { smtpOptions } from '../../src/mail/smtp-mailer.ts';

const read = (env: Record<string, string>) =>
  readConfig({ env, cwd: '/srv', fileText: '{}', generatedSecret: () => 'generated' });

function problemOf(env: Record<string, string>): string {
  try {
    read(env);
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.problems.map(({ problem }) => problem).join('; ');
  }
  throw new Error('nothing was refused');
}

const shown = (env: Record<string, string>): string =>
  describeConfig({ env, cwd: '/srv', fileText: '{}' }).find(({ key }) => key === Object.keys(env)[0])!.value;

describe('Switches in SMTP_URL', () => {
  test.each([
    ['true', true],
    ['on', true],
    ['false', false],
    ['off', false],
  ])('?requireTLS=%s means what it says, as other settings do', (written, means) => {
    const { mail } = read({ SMTP_URL: `smtp://me:secret@mail.example.com?requireTLS=${written}` });
    expect(smtpOptions(mail.smtpUrl!).requireTLS).toBe(means);
  });

  test.each(['yes', 'TRUE', '1', ''])('?requireTLS=%s is refused: it would be read as off', (written) => {
    expect(problemOf({ SMTP_URL: `smtp://me:secret@mail.example.com?requireTLS=${written}` })).toBe(
      'has a ?requireTLS that is not on or off (true or false)',
    );
  });

  test('the same switch twice is refused', () => {
    expect(problemOf({ SMTP_URL: 'smtp://mail.example.com?requireTLS=on&requireTLS=off' })).toBe(
      'says ?requireTLS twice',
    );
  });
});

describe('Parameters that nobody would read', () => {
  test.each([
    [
      'SMTP_URL',
      'smtp://mail.example.com?requireTls=true',
      'has ?requireTls, which is not known (the nearest is ?requireTLS)',
    ],
    ['SMTP_URL', 'smtp://mail.example.com?pool=true', 'has ?pool, which is not known'],
    ['SMTP_URL', 'smtp://mail.example.com/inbox', 'has a path that means nothing here'],
    ['REDIS_URL', 'redis://cache?familly=6', 'has ?familly, which is not known (the nearest is ?family)'],
    [
      'REDIS_URL',
      'redis://cache?db=1',
      'has ?db, which is not read here: write the number behind the port, as redis://host:6379/1',
    ],
    ['REDIS_URL', 'redis://cache/one', 'has a path that means nothing here'],
    ['DATABASE_URL', 'postgres://db/app?sslmod=require', 'has ?sslmod, which is not known (the nearest is ?sslmode)'],
    [
      'DATABASE_URL',
      'postgres://db/app?sslmode=yes',
      'has a ?sslmode that is not one of disable, prefer, require, verify-ca, verify-full, no-verify',
    ],
    ['DATABASE_URL', 'postgres://db/app?schema=auth', 'has ?schema, which is not read here: set DATABASE_SCHEMA'],
    [
      'DATABASE_URL',
      'postgres://db/app?connect_timeout=3',
      'has ?connect_timeout, which is not read here: set DATABASE_CONNECT_SECONDS',
    ],
    [
      'DATABASE_DIRECT_URL',
      'postgres://db/app?schema=auth',
      'has ?schema, which is not read here: set DATABASE_SCHEMA',
    ],
  ])('%s=%s', (name, url, problem) => {
    const database = name === 'DATABASE_DIRECT_URL' ? { DATABASE_URL: 'postgres://db/app' } : {};
    expect(problemOf({ [name]: url, ...database } as Record<string, string>)).toBe(problem);
  });

  test.each([
    [
      'DATABASE_URL',
      'postgres://me:secret@db:5432/app?sslmode=verify-full&sslrootcert=/etc/ca.pem&application_name=auth',
    ],
    ['DATABASE_URL', 'postgres:///app?host=/var/run/postgresql'],
    ['DATABASE_URL', 'sqlite:data/own.db'],
    ['REDIS_URL', 'rediss://:secret@cache:6380/1?family=6'],
    ['SMTP_URL', 'smtps://us%40er:p%25w@[::1]:465'],
  ])('%s=%s is taken', (name, url) => {
    expect(() => read({ [name]: url })).not.toThrow();
  });

  test('of `ssl=false` the driver would make true, so it is passed on in the driver’s words', () => {
    expect(read({ DATABASE_URL: 'postgres://db/app?ssl=false' }).database).toMatchObject({
      url: 'postgres://db/app?ssl=0',
    });
  });

  test('a direct URL beside SQLite is refused', () => {
    expect(problemOf({ DATABASE_DIRECT_URL: 'postgres://db/app' })).toBe('is set, and the database is SQLite');
  });
});

describe('Passwords with characters of their own', () => {
  test.each([
    ['smtp://me:50%canary@mail.example.com', 'begins no two-digit code: in a password write it %25'],
    ['smtp://me:1?canary@mail.example.com', 'has a ? before its @: in a password write it %3F'],
    ['smtp://me:1?canary&b@mail.example.com', 'has a ? before its @: in a password write it %3F'],
    ['smtp://me:1#canary@mail.example.com', 'has a # in it: in a password write it %23'],
    ['smtp://me:canary canary@mail.example.com', 'has a space in it: write it %20'],
    ['smtp://:canary@mail.example.com', 'has a password and no user'],
    ['smtp://me:ca/nary@mail.example.com', 'is not smtp://user:password@host:port'],
  ])('%s is explained, and not shown', (url, problem) => {
    expect(problemOf({ SMTP_URL: url })).toContain(problem);
    expect(() => read({ SMTP_URL: url })).not.toThrow(/canary/);
  });

  test.each([
    ['SMTP_URL', 'smtp://me:p@canary@mail.example.com:587', 'smtp://…@mail.example.com:587'],
    ['SMTP_URL', `smtps://me:a'"<>:;canary@mail.example.com`, 'smtps://…@mail.example.com'],
    ['REDIS_URL', 'redis://:p@canary@cache/1', 'redis://…@cache/1'],
    ['DATABASE_URL', 'postgres://me:p@canary@db/app?sslmode=disable', 'postgres://…@db/app?…'],
    ['DATABASE_DIRECT_URL', 'postgres://me:p@canary@db/app', 'postgres://…@db/app'],
  ])('%s is described without the password', (name, url, description) => {
    const database = name === 'DATABASE_DIRECT_URL' ? { DATABASE_URL: 'postgres://db/app' } : {};
    expect(shown({ [name]: url, ...database } as Record<string, string>)).toBe(description);
  });

  test('of a text that quotes a URL everything before the last @ of its host goes', () => {
    const text = `cannot reach smtp://me:p@can'ary@mail.example.com:25/x and https://id.example.com/a@b`;
    expect(concealCredentials(text)).toBe('cannot reach smtp://…@mail.example.com:25/x and https://id.example.com/a@b');
  });

  test('doctor and the start show no URL with a password, whoever put it in the message', () => {
    const fault = new Error('no answer from redis://:canary@cache:6379');
    expect(reason(fault)).toBe('no answer from redis://…@cache:6379');
    expect(explainFault(fault)).not.toContain('canary');
  });

  test('a fault about a URL is not told as a damaged database', () => {
    expect(explainFault(new URIError('URI malformed'))).not.toContain('database');
    expect(explainFault(new Error('database disk image is malformed'))).toContain('Restore it from a backup');
  });
});
