import { describe, expect, test } from 'vitest';
import { openLog } from '../src/log.ts';

function aLog(pretty = false) {
  const lines: string[] = [];
  const log = openLog({ level: 'debug', pretty }, { write: (line) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) };
}

describe('The log', () => {
  test('is one JSON object a line', () => {
    const { log, last } = aLog();
    log.info({ users: 3 }, 'started');
    expect(last()).toMatchObject({ level: 'info', users: 3, msg: 'started', time: expect.stringMatching(/Z$/) });
  });

  test('conceals secrets at every depth and in every spelling (rule 36)', () => {
    const { log, lines } = aLog();
    log.warn(
      {
        password: 'canary',
        newPassword: 'canary',
        session_token: 'canary',
        headers: { Authorization: 'canary', cookie: 'canary', 'set-cookie': ['canary'] },
        deep: { er: { and: [{ clientSecret: 'canary', code: 'canary', 'api-key': 'canary' }] } },
        url: '/reset?next=/home&token=canary#x',
      },
      'careless',
    );
    expect(lines.join('')).not.toContain('canary');
    expect(lines[0]).toContain('next=/home');
  });

  test('shows of an error what helps, not what its maker hung on it', () => {
    const { log, last, lines } = aLog();
    const cause = new Error('inner');
    const fault = Object.assign(new Error('outer at https://x.example/?token=canary', { cause }), {
      code: 'ECONNREFUSED',
      parameters: ['canary'],
      response: 'canary',
    });
    log.error({ err: fault }, 'fault');
    expect(last().err).toMatchObject({ type: 'Error', code: 'ECONNREFUSED', cause: { message: 'inner' } });
    expect(lines.join('')).not.toContain('canary');
  });

  test('does not walk into requests and buffers', () => {
    const { log, last } = aLog();
    class Request {
      body = 'canary';
    }
    log.info({ req: new Request(), bytes: Buffer.from('canary') }, 'odd');
    expect(last()).toMatchObject({ req: '[Request]', bytes: '[Buffer]' });
  });

  test('at a terminal, is a line for people', () => {
    const { log, lines } = aLog(true);
    log.warn({ job: 'j1' }, 'job failed');
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d warn {2}job failed job=j1\n$/)]);
  });
});
