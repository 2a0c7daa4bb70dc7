import { setImmediate as breathe } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { PlacedEvent } from '../../../src/core/audit/event.ts';
import { createLiveLog, type Follower } from '../../../src/core/audit/live-log.ts';

/** A log from which events can be taken out. */
function aLog() {
  let events: PlacedEvent[] = [];
  let asked = 0;
  const faults: unknown[] = [];
  const log = createLiveLog({
    reads: () => ({
      async listPlaced({ after, limit }) {
        asked += 1;
        if (asked > 100) throw new Error('read again and again');
        return events.filter(({ position }) => position > after).slice(0, limit);
      },
    }),
    onFault: (_what, fault) => faults.push(fault),
  });
  const happen = (...positions: number[]) => {
    for (const position of positions) {
      events.push({ id: `event ${position}`, position, actorKind: 'system', subjectUserId: 'ada' } as PlacedEvent);
    }
    log.logGrew();
  };
  const withdraw = (...positions: number[]) => {
    events = events.filter(({ position }) => !positions.includes(position));
  };
  const follow = (position: number): number[] => {
    const taken: number[] = [];
    const follower: Follower = {
      ...{ viewer: null, host: 'h', position, wants: () => true, pass: () => {}, end: () => {} },
      take: (event) => void taken.push(event.position),
      drained: async () => {},
      isShutOut: async () => false,
    };
    log.follow(follower);
    return taken;
  };
  return { happen, withdraw, follow, faults };
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await breathe();
};

test('a follower goes on past events that were taken out of the log, from wherever they come', async () => {
  const { happen, withdraw, follow, faults } = aLog();
  happen(1, 2, 3, 4, 5);
  const first = follow(0);
  await settled();
  withdraw(2, 4, 5);
  const late = follow(1);
  const atTheEnd = follow(3);
  await settled();
  happen(6);
  await settled();
  expect([first, late, atTheEnd]).toEqual([[1, 2, 3, 4, 5, 6], [3, 6], [6]]);
  expect(faults).toEqual([]);
});
