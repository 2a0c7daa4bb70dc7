/** Numbers that are read when somebody asks. */
export interface Gauges {
  readonly hashQueue: () => number;
  readonly cachedSessions: () => number;
  readonly openStreams: () => number;
  /** Faults that nobody caught. */
  readonly faults: () => number;
  readonly jobs: () => Promise<{ readonly ready: number; readonly running: number; readonly parked: number }>;
}
