import { describe, expect, test } from 'vitest';
import { idleMs, leastMs, mostOpen, openOnes } from '../src/open-ones.ts';
import { testClock } from './kit/clock.ts';

interface Project {
  readonly id: string;
  busy: boolean;
}

function aHouse() {
  const clock = testClock();
  const closed: string[] = [];
  const opened: string[] = [];
  const ones = openOnes<Project>(
    clock,
    ({ busy }) => busy,
    ({ id }) => void closed.push(id),
  );
  const find = (id: string) =>
    ones.find(id, async () => {
      opened.push(id);
      return { id, busy: false };
    });
  return { clock, closed, opened, ones, find };
}

describe('Open projects', () => {
  test('one that nobody asks for is closed after ten minutes, and opened again for the next who asks', async () => {
    const { clock, closed, opened, ones, find } = aHouse();
    await find('a');
    clock.advance(idleMs - 1);
    ones.closeIdle();
    expect([closed, await find('a')]).toEqual([[], { id: 'a', busy: false }]);
    clock.advance(idleMs);
    ones.closeIdle();
    expect([closed, ones.ready()]).toEqual([['a'], []]);
    await find('a');
    expect(opened).toEqual(['a', 'a']);
  });

  test('a configured one stays, and so does one whose log is followed', async () => {
    const { clock, closed, ones, find } = aHouse();
    ones.keep('main', { id: 'main', busy: false });
    (await find('followed'))!.busy = true;
    clock.advance(10 * idleMs);
    ones.closeIdle();
    expect([closed, ones.ready().map(({ id }) => id)]).toEqual([[], ['main', 'followed']]);
  });

  test('beyond their number those used longest ago are closed, but none that a request may still work with', async () => {
    const { clock, closed, ones, find } = aHouse();
    for (let count = 0; count < mostOpen + 10; count += 1) await find(`project ${count}`);
    ones.closeIdle();
    expect(closed).toEqual([]);
    clock.advance(leastMs);
    await find('project 0');
    ones.closeIdle();
    expect(ones.ready()).toHaveLength(mostOpen);
    expect(closed).toEqual(Array.from({ length: 10 }, (_, count) => `project ${count + 1}`));
  });

  test('those who ask at once get the same; one that is not there, or does not open, is not remembered', async () => {
    const { ones, opened, find } = aHouse();
    expect(await Promise.all([find('a'), find('a')])).toEqual([
      { id: 'a', busy: false },
      { id: 'a', busy: false },
    ]);
    expect(opened).toEqual(['a']);
    expect(await ones.find('none', async () => null)).toBeNull();
    expect(ones.peek('none')).toBeUndefined();
    await expect(ones.find('broken', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(ones.peek('broken')).toBeUndefined();
  });
});
