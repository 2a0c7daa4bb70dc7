import { type Clock, type Instant, minutes } from '../../base/clock.ts';

/** Whoever asks less often than this does not send requests by what it is told. */
const watchedForMs = minutes(1);

/** What `/readyz` says of a stop, and whether anybody goes by it. */
export interface Readiness {
  /** Called when somebody asks. */
  asked(): 'serving' | 'stopping';
  /** From now on the answer is no. */
  stop(): void;
  /** Somebody asked within the last minute. */
  watched(): boolean;
}

export function readiness(clock: Clock): Readiness {
  let stopping = false;
  let last: Instant | null = null;
  return {
    asked() {
      last = clock.now();
      return stopping ? 'stopping' : 'serving';
    },
    stop() {
      stopping = true;
    },
    watched: () => last !== null && clock.now() - last <= watchedForMs,
  };
}
