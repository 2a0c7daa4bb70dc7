/** Upper bounds of the buckets, in seconds. */
export const bounds: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Requests of one method to one route. */
export interface TalliedRoute {
  readonly method: string;
  readonly route: string;
  readonly statuses: ReadonlyMap<number, number>;
  /** How many took at most as long as the bound of the same place, and longer than the one before. */
  readonly within: readonly number[];
  /** How many were timed, and what they took together. */
  readonly timed: number;
  readonly seconds: number;
}

export interface RequestTally {
  /** @param seconds null: its duration says nothing */
  count(method: string, route: string, status: number, seconds: number | null): void;
  routes(): readonly TalliedRoute[];
}

/**
 * Counts requests in plain numbers. Prometheus' client checks labels at every count, which would cost more than
 * finding a session; it is told when somebody asks.
 */
export function requestTally(): RequestTally {
  const routes = new Map<string, Row[]>();

  function rowOf(method: string, route: string): Row {
    const known = routes.get(route) ?? [];
    const found = known.find((row) => row.method === method);
    if (found) return found;
    const made = { method, route, statuses: new Map(), within: bounds.map(() => 0), timed: 0, seconds: 0 };
    routes.set(route, [...known, made]);
    return made;
  }

  return {
    count(method, route, status, seconds) {
      const row = rowOf(method, route);
      row.statuses.set(status, (row.statuses.get(status) ?? 0) + 1);
      if (seconds === null) return;
      row.timed += 1;
      row.seconds += seconds;
      const place = bounds.findIndex((bound) => seconds <= bound);
      if (place >= 0) row.within[place]! += 1;
    },
    routes: () => [...routes.values()].flat(),
  };
}

interface Row extends TalliedRoute {
  readonly statuses: Map<number, number>;
  readonly within: number[];
  timed: number;
  seconds: number;
}
