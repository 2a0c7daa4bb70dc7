import { type Clock, type Instant, minutes } from './base/clock.ts';

/** Unused for so long, a project is closed. */
export const idleMs = minutes(10);
/** Beyond so many, those that were used longest ago are closed sooner. */
export const mostOpen = 200;
/** But never one that a request may still be working with: no request takes so long. */
export const leastMs = minutes(2);

interface Entry<P> {
  readonly opening: Promise<P | null>;
  /** Null while it opens. */
  project: P | null;
  usedAt: Instant;
  /** Configured, and open for good. */
  readonly kept: boolean;
}

/** The projects that are open: configured ones for good, others for as long as somebody asks for them. */
export interface OpenOnes<P> {
  keep(id: string, project: P): void;
  /** What does not exist is not remembered: it may be made later, and anybody can ask for any id. */
  find(id: string, open: () => Promise<P | null>): Promise<P | null>;
  /** One that is open or opens now. This is no use of it. */
  peek(id: string): Promise<P | null> | undefined;
  ready(): readonly P[];
  drop(id: string): void;
  closeIdle(): void;
}

/**
 * @param isBusy somebody holds the project without asking for it again, as followers of its log do
 * @param close lets go of what the project has in memory
 */
export function openOnes<P>(clock: Clock, isBusy: (project: P) => boolean, close: (project: P) => void): OpenOnes<P> {
  /** In the order of their last use. */
  const entries = new Map<string, Entry<P>>();
  let ready: readonly P[] | null = null;

  function drop(id: string): void {
    const project = entries.get(id)?.project;
    entries.delete(id);
    ready = null;
    if (project) close(project);
  }

  function use(id: string, entry: Entry<P>): void {
    entry.usedAt = clock.now();
    entries.delete(id);
    entries.set(id, entry);
  }

  function openNow(id: string, open: () => Promise<P | null>): Promise<P | null> {
    const entry: Entry<P> = { opening: open(), project: null, usedAt: clock.now(), kept: false };
    entries.set(id, entry);
    const forget = () => {
      if (entries.get(id) === entry) entries.delete(id);
    };
    entry.opening.then((project) => {
      if (project === null) return forget();
      entry.project = project;
      ready = null;
    }, forget);
    return entry.opening;
  }

  return {
    keep(id, project) {
      entries.set(id, { opening: Promise.resolve(project), project, usedAt: clock.now(), kept: true });
      ready = null;
    },
    find(id, open) {
      const entry = entries.get(id);
      if (!entry) return openNow(id, open);
      if (!entry.kept) use(id, entry);
      return entry.opening;
    },
    peek: (id) => entries.get(id)?.opening,
    ready() {
      ready ??= [...entries.values()].flatMap(({ project }) => project ?? []);
      return ready;
    },
    drop,
    closeIdle() {
      const now = clock.now();
      for (const [id, { project, usedAt, kept }] of [...entries]) {
        const unusedMs = now - usedAt;
        // The rest was used later.
        if (!kept && unusedMs < leastMs) return;
        const closes = unusedMs >= idleMs || entries.size > mostOpen;
        if (closes && !kept && project && !isBusy(project)) drop(id);
      }
    },
  };
}
